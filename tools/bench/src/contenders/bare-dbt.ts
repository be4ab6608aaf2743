import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import { runChecked } from '../process/run-checked.js';
import { metered, UsageMeter, type MachineUnits } from '../process/usage-meter.js';
import { bareProfiles } from '../project/generate-project.js';
import { writeProject } from '../project/write-project.js';
import { countRunResults } from './run-results.js';

/** `dbt build` in the folder of the project, as a user types it: the baseline of everything else. */
export class BareDbt implements Contender {
  readonly name = 'dbt build';
  readonly baseline = true;
  readonly #binDirectory: string;
  readonly #units: MachineUnits;
  #directory = '';

  /** @param binDirectory environment with dbt */
  constructor(binDirectory: string, units: MachineUnits) {
    this.#binDirectory = binDirectory;
    this.#units = units;
  }

  async prepare({ project, directory }: Assignment): Promise<void> {
    this.#directory = directory;
    await writeProject(project, directory);
    await writeFile(join(directory, 'profiles.yml'), bareProfiles(join(directory, 'bench.duckdb')));
  }

  async runOnce(call: CallOptions): Promise<RunMeasurement> {
    const resultsFile = join(this.#directory, 'target', 'run_results.json');
    await rm(resultsFile, { force: true });
    const { usage } = await metered(new UsageMeter(process.pid, 'waited', this.#units), () =>
      runChecked(join(this.#binDirectory, 'dbt'), ['build'], this.#directory, call),
    );
    return { ...usage, ...(await countRunResults(resultsFile)) };
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
