import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-prefect';
import type { Contender, LoadContender, OrchestratorBench } from '../contender.js';
import { BareDbt } from '../contenders/bare-dbt.js';
import type { BenchSurroundings } from '../orchestrators.js';
import { ensureBenchEnvironments, type BenchEnvironments } from '../process/bench-environments.js';
import { packageVersions } from '../process/package-versions.js';
import { FloeOnPrefect } from './floe-on-prefect.js';
import { PrefectDbt } from './prefect-dbt.js';
import { PrefectServer } from './prefect-server.js';

const packages = ['prefect', 'prefect-dbt', 'dbt-core', 'dbt-duckdb', 'duckdb'];

/** What is compared on Prefect. */
export class PrefectBench implements OrchestratorBench {
  readonly loadMethod = 'Prefect loads no definitions: a flow is read when it runs.';
  readonly #around: BenchSurroundings;
  #environments: BenchEnvironments | undefined;

  constructor(around: BenchSurroundings) {
    this.#around = around;
  }

  async prepare(call: CallOptions): Promise<void> {
    this.#environments = await ensureBenchEnvironments(orchestratorPlugin, 'prefect-dbt', this.#around, call);
  }

  get dbtPython(): string {
    return this.#prepared().floe.python;
  }

  versions(call: CallOptions): Promise<Readonly<Record<string, string>>> {
    return packageVersions(this.#prepared().other.python, packages, this.#around.directory, call);
  }

  contenders(): readonly Contender[] {
    const { floe, other: prefectDbt } = this.#prepared();
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

  #prepared(): BenchEnvironments {
    if (this.#environments === undefined) throw new TypeError('The environments have not been made.');
    return this.#environments;
  }
}
