import type { Machine } from '../machine.js';
import type { CompileMeasurements, LoadComparison } from '../measure-loads.js';
import type { RunComparison } from '../measure-runs.js';

/** Everything that one run of the bench has measured; the JSON file has this shape. */
export interface BenchResults {
  readonly orchestrator: string;
  /** Day of the measurement, ISO 8601. */
  readonly date: string;
  readonly rounds: number;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly runs: readonly RunComparison[];
  readonly loads: readonly LoadComparison[];
  /** What was loaded, and what the floor is. */
  readonly loadMethod: string;
  readonly compile?: CompileMeasurements;
}
