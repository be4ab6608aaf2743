import { InputError } from '@floe/core/errors/floe-error';
import type { OrchestratorBench } from './contender.js';
import { AirflowBench } from './airflow/airflow-bench.js';
import { DagsterBench } from './dagster/dagster-bench.js';
import { PrefectBench } from './prefect/prefect-bench.js';
import type { MachineUnits } from './process/usage-meter.js';

/** What a bench of an orchestrator gets. */
export interface BenchSurroundings {
  /** Keeps Python environments between runs of the bench. */
  readonly home: string;
  /** Temporary folder of this run. */
  readonly directory: string;
  /** A new folder in it. */
  readonly freshDirectory: (name: string) => string;
  readonly units: MachineUnits;
  readonly log: (line: string) => void;
}

/** One entry for each orchestrator that can be compared. */
const orchestrators: Readonly<Record<string, (around: BenchSurroundings) => OrchestratorBench>> = {
  dagster: (around) => new DagsterBench(around),
  airflow: (around) => new AirflowBench(around),
  prefect: (around) => new PrefectBench(around),
};

/** @throws InputError USAGE for an orchestrator without a bench */
export function openBench(name: string, around: BenchSurroundings): OrchestratorBench {
  const open = Object.hasOwn(orchestrators, name) ? orchestrators[name] : undefined;
  if (open !== undefined) return open(around);
  throw new InputError({
    code: 'USAGE',
    message: `There is no bench for the orchestrator "${name}".`,
    resolution: `Use one of: ${Object.keys(orchestrators).join(', ')}.`,
  });
}
