import { join } from 'node:path';
import { ensurePythonEnvironment, type PythonEnvironment } from '@floe/core/python/python-environment';
import type { CallOptions } from '@floe/core/time/call-options';
import { systemClock } from '@floe/core/time/clock';
import { orchestratorPlugin } from '@floe/plugin-prefect';
import { benchPython } from '../bench-python.js';
import type { Contender, LoadContender, OrchestratorBench } from '../contender.js';
import { BareDbt } from '../contenders/bare-dbt.js';
import type { BenchSurroundings } from '../orchestrators.js';
import { packageVersions } from '../process/package-versions.js';
import { FloeOnPrefect } from './floe-on-prefect.js';
import { PrefectDbt } from './prefect-dbt.js';
import { PrefectServer } from './prefect-server.js';

const packages = ['prefect', 'prefect-dbt', 'dbt-core', 'dbt-duckdb', 'duckdb'];

interface Environments {
  readonly floe: PythonEnvironment;
  readonly prefectDbt: PythonEnvironment;
}

/** What is compared on Prefect. */
export class PrefectBench implements OrchestratorBench {
  readonly loadMethod = 'Prefect loads no definitions: a flow is read when it runs.';
  readonly #around: BenchSurroundings;
  #environments: Environments | undefined;

  constructor(around: BenchSurroundings) {
    this.#around = around;
  }

  async prepare(call: CallOptions): Promise<void> {
    const { home, log } = this.#around;
    const spec = orchestratorPlugin.pythonEnvironment?.('duckdb');
    if (spec === undefined) throw new TypeError('The Prefect plugin has no Python environment for DuckDB.');
    const context = { home, log, clock: systemClock };
    const own = { name: 'bench-prefect-dbt', lockFile: join(benchPython, 'prefect-dbt.txt'), wheels: [] };
    const floe = await ensurePythonEnvironment(spec, context, call);
    this.#environments = { floe, prefectDbt: await ensurePythonEnvironment(own, context, call) };
  }

  get dbtPython(): string {
    return this.#prepared().floe.python;
  }

  versions(call: CallOptions): Promise<Readonly<Record<string, string>>> {
    return packageVersions(this.#prepared().prefectDbt.python, packages, this.#around.directory, call);
  }

  contenders(): readonly Contender[] {
    const { floe, prefectDbt } = this.#prepared();
    const { units } = this.#around;
    const server = new PrefectServer(this.#around.freshDirectory('prefect'), floe.binDirectory);
    return [
      new BareDbt(floe.binDirectory, units),
      new FloeOnPrefect(server, floe.python, units),
      new PrefectDbt(server, prefectDbt, 'orchestrator', units),
      new PrefectDbt(server, prefectDbt, 'runner', units),
    ];
  }

  loads(): readonly LoadContender[] {
    return [];
  }

  #prepared(): Environments {
    if (this.#environments === undefined) throw new TypeError('The environments have not been made.');
    return this.#environments;
  }
}
