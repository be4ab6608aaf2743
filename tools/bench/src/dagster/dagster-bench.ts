import { join } from 'node:path';
import { ensurePythonEnvironment, type PythonEnvironment } from '@floe/core/python/python-environment';
import type { CallOptions } from '@floe/core/time/call-options';
import { systemClock } from '@floe/core/time/clock';
import { orchestratorPlugin } from '@floe/plugin-dagster';
import { benchPython } from '../bench-python.js';
import type { Contender, LoadContender, OrchestratorBench } from '../contender.js';
import { BareDbt } from '../contenders/bare-dbt.js';
import type { BenchSurroundings } from '../orchestrators.js';
import { packageVersions } from '../process/package-versions.js';
import { DagsterDbt } from './dagster-dbt.js';
import { dagsterLoads } from './dagster-loads.js';
import { DagsterServer } from './dagster-server.js';
import { FloeOnDagster } from './floe-on-dagster.js';

const packages = ['dagster', 'dagster-dbt', 'dbt-core', 'dbt-duckdb', 'duckdb'];

interface Environments {
  readonly floe: PythonEnvironment;
  readonly dagsterDbt: PythonEnvironment;
}

/** What is compared on Dagster. */
export class DagsterBench implements OrchestratorBench {
  readonly loadMethod =
    'A fresh Python loads the code location up to the snapshot that the code server sends: all models as assets, all tests as checks, one job. "Written by hand" are the same assets with the same attributes in plain code of Dagster: the floor.';
  readonly #around: BenchSurroundings;
  #environments: Environments | undefined;

  constructor(around: BenchSurroundings) {
    this.#around = around;
  }

  async prepare(call: CallOptions): Promise<void> {
    const { home, log } = this.#around;
    const spec = orchestratorPlugin.pythonEnvironment?.('duckdb');
    if (spec === undefined) throw new TypeError('The Dagster plugin has no Python environment for DuckDB.');
    const context = { home, log, clock: systemClock };
    const own = { name: 'bench-dagster-dbt', lockFile: join(benchPython, 'dagster-dbt.txt'), wheels: [] };
    const floe = await ensurePythonEnvironment(spec, context, call);
    this.#environments = { floe, dagsterDbt: await ensurePythonEnvironment(own, context, call) };
  }

  get dbtPython(): string {
    return this.#prepared().floe.python;
  }

  versions(call: CallOptions): Promise<Readonly<Record<string, string>>> {
    return packageVersions(this.#prepared().dagsterDbt.python, packages, this.#around.directory, call);
  }

  contenders(): readonly Contender[] {
    const { floe, dagsterDbt } = this.#prepared();
    const { units } = this.#around;
    const server = new DagsterServer(this.#around.freshDirectory('dagster'), floe.binDirectory);
    return [
      new BareDbt(floe.binDirectory, units),
      new FloeOnDagster(server, floe.python, units),
      new DagsterDbt(server, dagsterDbt, 'in_process', units),
      new DagsterDbt(server, dagsterDbt, 'default', units),
    ];
  }

  loads(): readonly LoadContender[] {
    const { floe, dagsterDbt } = this.#prepared();
    return dagsterLoads(floe.python, dagsterDbt.python);
  }

  #prepared(): Environments {
    if (this.#environments === undefined) throw new TypeError('The environments have not been made.');
    return this.#environments;
  }
}
