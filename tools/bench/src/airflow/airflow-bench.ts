import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-airflow';
import type { Contender, LoadContender, OrchestratorBench } from '../contender.js';
import { BareDbt } from '../contenders/bare-dbt.js';
import type { BenchSurroundings } from '../orchestrators.js';
import { ensureBenchEnvironments, type BenchEnvironments } from '../process/bench-environments.js';
import { packageVersions } from '../process/package-versions.js';
import { airflowLoads } from './airflow-loads.js';
import { AirflowServer } from './airflow-server.js';
import { DagFile } from './dag-file.js';
import { bashOperator, cosmosLocal, cosmosWatcher } from './dag-file-ways.js';
import { FloeOnAirflow } from './floe-on-airflow.js';

const packages = ['apache-airflow', 'astronomer-cosmos', 'dbt-core', 'dbt-duckdb', 'duckdb'];

/** What is compared on Airflow. */
export class AirflowBench implements OrchestratorBench {
  readonly loadMethod =
    'A fresh Python reads the DAG files and serializes them, as the DAG processor does. floe shows models as assets of two tasks, Cosmos as tasks with one more for the tests. "Written by hand" are the two tasks with the same assets in plain code of Airflow: the floor.';
  readonly #around: BenchSurroundings;
  #environments: BenchEnvironments | undefined;

  constructor(around: BenchSurroundings) {
    this.#around = around;
  }

  async prepare(call: CallOptions): Promise<void> {
    this.#environments = await ensureBenchEnvironments(orchestratorPlugin, 'airflow-cosmos', this.#around, call);
  }

  get dbtPython(): string {
    return this.#prepared().floe.python;
  }

  versions(call: CallOptions): Promise<Readonly<Record<string, string>>> {
    return packageVersions(this.#prepared().other.python, packages, this.#around.directory, call);
  }

  contenders(): readonly Contender[] {
    const { floe, other: cosmos } = this.#prepared();
    const { units, freshDirectory } = this.#around;
    // Tasks run in the environment of their Airflow, and Cosmos would slow the others down there.
    const server = new AirflowServer(freshDirectory('airflow'), floe.binDirectory);
    const cosmosServer = new AirflowServer(freshDirectory('airflow'), cosmos.binDirectory);
    return [
      new BareDbt(floe.binDirectory, units),
      new FloeOnAirflow(server, floe.python, 'build', units),
      new FloeOnAirflow(server, floe.python, 'node', units),
      new DagFile(server, floe.binDirectory, bashOperator, units),
      new DagFile(cosmosServer, cosmos.binDirectory, cosmosWatcher, units),
      new DagFile(cosmosServer, cosmos.binDirectory, cosmosLocal, units),
    ];
  }

  loads(): readonly LoadContender[] {
    const { floe, other: cosmos } = this.#prepared();
    return airflowLoads(floe.python, cosmos);
  }

  #prepared(): BenchEnvironments {
    if (this.#environments === undefined) throw new TypeError('The environments have not been made.');
    return this.#environments;
  }
}
