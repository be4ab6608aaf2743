import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-dagster';
import type { Contender, LoadContender, OrchestratorBench } from '../contender.js';
import { BareDbt } from '../contenders/bare-dbt.js';
import type { BenchSurroundings } from '../orchestrators.js';
import { ensureBenchEnvironments, type BenchEnvironments } from '../process/bench-environments.js';
import { packageVersions } from '../process/package-versions.js';
import { DagsterDbt } from './dagster-dbt.js';
import { dagsterLoads } from './dagster-loads.js';
import { DagsterServer } from './dagster-server.js';
import { FloeOnDagster } from './floe-on-dagster.js';

const packages = ['dagster', 'dagster-dbt', 'dbt-core', 'dbt-duckdb', 'duckdb'];

/** What is compared on Dagster. */
export class DagsterBench implements OrchestratorBench {
  readonly loadMethod =
    'A fresh Python loads the code location up to the snapshot that the code server sends: all models as assets, all tests as checks, one job. "Written by hand" are the same assets with the same attributes in plain code of Dagster: the floor.';
  readonly #around: BenchSurroundings;
  #environments: BenchEnvironments | undefined;

  constructor(around: BenchSurroundings) {
    this.#around = around;
  }

  async prepare(call: CallOptions): Promise<void> {
    this.#environments = await ensureBenchEnvironments(orchestratorPlugin, 'dagster-dbt', this.#around, call);
  }

  get dbtPython(): string {
    return this.#prepared().floe.python;
  }

  versions(call: CallOptions): Promise<Readonly<Record<string, string>>> {
    return packageVersions(this.#prepared().other.python, packages, this.#around.directory, call);
  }

  contenders(): readonly Contender[] {
    const { floe, other: dagsterDbt } = this.#prepared();
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
    const { floe, other: dagsterDbt } = this.#prepared();
    return dagsterLoads(floe.python, dagsterDbt.python);
  }

  #prepared(): BenchEnvironments {
    if (this.#environments === undefined) throw new TypeError('The environments have not been made.');
    return this.#environments;
  }
}
