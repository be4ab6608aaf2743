import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Contender, RunMeasurement } from './contender.js';
import { messageOf } from './message-of.js';
import { metered, UsageMeter, type MachineUnits } from './process/usage-meter.js';
import { generateProject } from './project/generate-project.js';
import { inTurn } from './rounds.js';

/** Every measurement of one contender; a round that failed has none. */
export interface ContenderRuns {
  readonly name: string;
  readonly baseline: boolean;
  readonly runs: readonly (RunMeasurement | undefined)[];
}

/** The runs of one size. */
export interface RunComparison {
  readonly models: number;
  readonly tests: number;
  /** CPU seconds per second that everything used while nothing ran, the bench itself included. */
  readonly idleLoad: number;
  readonly contenders: readonly ContenderRuns[];
  readonly problems: readonly string[];
}

export interface MeasureRunsInput {
  readonly models: number;
  readonly rounds: number;
  /** An empty folder. */
  readonly directory: string;
  readonly contenders: readonly Contender[];
  readonly units: MachineUnits;
  readonly log: (line: string) => void;
}

const prepareTimeoutMs = 600_000;
const runTimeoutMs = 1_200_000;
const settleMs = 10_000;
const idleMs = 10_000;
/** What a run leaves its server to do after its end must not be paid by the next one. */
const quietLookMs = 1_000;
const quietWithinMs = 120_000;
/** CPU seconds per second above what the idle servers use. */
const quietMargin = 0.1;

/** Prepares all contenders, lets each run once uncounted, then in every round once each. Leaves nothing running. */
export async function measureRuns(input: MeasureRunsInput, signal: AbortSignal): Promise<RunComparison> {
  const { models, directory, log } = input;
  const contenders = input.contenders.filter(({ atMostModels = Infinity }) => models <= atMostModels);
  const project = generateProject(models);
  const problems: string[] = [];
  const runs = new Map<Contender, (RunMeasurement | undefined)[]>(contenders.map((contender) => [contender, []]));
  let idleLoad = 0;
  const runOnce = async (contender: Contender, round: string): Promise<RunMeasurement | undefined> => {
    try {
      await untilQuiet(idleLoad, input.units, signal);
      const run = await contender.runOnce(within(runTimeoutMs, signal));
      if (run.models !== project.models || run.tests !== project.tests) {
        throw new TypeError(`${run.models} models and ${run.tests} tests are there, ${models} of each should be.`);
      }
      log(`  ${round} ${contender.name}: ${run.wallSeconds.toFixed(1)} s, CPU ${run.cpuSeconds.toFixed(1)} s`);
      return run;
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${models} models, ${contender.name}, ${round}: ${messageOf(error)}`);
      log(`  ${round} ${contender.name}: ${messageOf(error)}`);
      return undefined;
    }
  };
  try {
    for (const [index, contender] of contenders.entries()) {
      signal.throwIfAborted();
      log(`  prepare ${contender.name}`);
      const own = join(directory, `contender-${index}`);
      await mkdir(own, { recursive: true });
      await contender.prepare({ project, directory: own }, within(prepareTimeoutMs, signal));
    }
    await sleep(settleMs, undefined, { signal });
    idleLoad = await loadDuring(idleMs, input.units, signal);
    for (const contender of contenders) {
      if (contender.atMostRounds !== undefined) continue;
      await runOnce(contender, 'warm-up');
    }
    for (let round = 0; round < input.rounds; round += 1) {
      for (const contender of inTurn(contenders, round)) {
        signal.throwIfAborted();
        if (round >= (contender.atMostRounds ?? Infinity)) continue;
        runs.get(contender)?.push(await runOnce(contender, `round ${round + 1}`));
      }
    }
  } finally {
    for (const contender of [...contenders].reverse()) {
      await contender.dispose().catch((error: unknown) => problems.push(`${contender.name}: ${messageOf(error)}`));
    }
  }
  return {
    models: project.models,
    tests: project.tests,
    idleLoad,
    contenders: contenders.map((contender) => ({
      name: contender.name,
      baseline: contender.baseline === true,
      runs: runs.get(contender) ?? [],
    })),
    problems,
  };
}

/** CPU seconds per second of everything that the bench has started. */
async function loadDuring(milliseconds: number, units: MachineUnits, signal: AbortSignal): Promise<number> {
  const meter = new UsageMeter(process.pid, 'tree', units);
  const { usage } = await metered(meter, () => sleep(milliseconds, undefined, { signal }));
  return usage.cpuSeconds / usage.wallSeconds;
}

/** Waits until the servers do no more than when they are idle. Throws when they do not come to rest. */
async function untilQuiet(idleLoad: number, units: MachineUnits, signal: AbortSignal): Promise<void> {
  const end = performance.now() + quietWithinMs;
  while ((await loadDuring(quietLookMs, units, signal)) > idleLoad + quietMargin) {
    if (performance.now() > end) throw new TypeError('the servers were still at work for the run before');
  }
}

function within(timeoutMs: number, signal: AbortSignal): CallOptions {
  return { signal, timeoutMs };
}
