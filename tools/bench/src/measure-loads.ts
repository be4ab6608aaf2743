import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';
import type { LoadContender, LoadMeasurement } from './contender.js';
import { messageOf } from './message-of.js';
import { runChecked } from './process/run-checked.js';
import { compileGenerated } from './product/compile-product.js';
import { bareProfiles, generateProject } from './project/generate-project.js';
import { writeProject } from './project/write-project.js';
import { inTurn } from './rounds.js';

/** Every load of one contender; a round that failed has none. */
export interface ContenderLoads {
  readonly name: string;
  readonly floor: boolean;
  readonly loads: readonly (LoadMeasurement | undefined)[];
}

/** The loads of one size. */
export interface LoadComparison {
  readonly models: number;
  readonly contenders: readonly ContenderLoads[];
  readonly problems: readonly string[];
}

/** Compiles of one size. */
export interface CompileMeasurements {
  readonly models: number;
  readonly compiles: readonly CompileMeasurement[];
}

export interface CompileMeasurement {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface MeasureLoadsInput {
  readonly models: number;
  readonly rounds: number;
  /** An empty folder. */
  readonly directory: string;
  readonly dbtPython: string;
  readonly contenders: readonly LoadContender[];
  readonly log: (line: string) => void;
}

const parseTimeoutMs = 900_000;
const prepareTimeoutMs = 300_000;
const loadTimeoutMs = 300_000;

/** Writes a project and lets dbt parse it. @returns its folder */
export async function parseProject(
  models: number,
  directory: string,
  dbtPython: string,
  signal: AbortSignal,
): Promise<string> {
  const folder = join(directory, `parsed-${models}`);
  await mkdir(folder);
  await writeProject(generateProject(models), folder);
  await writeFile(join(folder, 'profiles.yml'), bareProfiles(join(folder, 'bench.duckdb')));
  await compileGenerated(folder, dbtPython, within(parseTimeoutMs, signal));
  return folder;
}

/** Loads the definitions of a parsed project in every round once each way, always in a fresh process. */
export async function measureLoads(
  input: MeasureLoadsInput,
  parsed: string,
  signal: AbortSignal,
): Promise<LoadComparison> {
  const { models, contenders, directory, log } = input;
  const project = generateProject(models);
  const problems: string[] = [];
  const loads = new Map<LoadContender, (LoadMeasurement | undefined)[]>(contenders.map((entry) => [entry, []]));
  for (const [index, contender] of contenders.entries()) {
    const own = join(directory, `load-${index}`);
    await mkdir(own, { recursive: true });
    await contender.prepare({ project, directory: own }, parsed, within(prepareTimeoutMs, signal));
  }
  for (let round = 0; round < input.rounds; round += 1) {
    for (const contender of inTurn(contenders, round)) {
      signal.throwIfAborted();
      const load = await loadOnce(contender, models, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        problems.push(`${models} models, load by ${contender.name}: ${messageOf(error)}`);
        return undefined;
      });
      if (load !== undefined) log(`  round ${round + 1} ${contender.name}: CPU ${load.cpuSeconds.toFixed(1)} s`);
      loads.get(contender)?.push(load);
    }
  }
  const found = contenders.map((contender) => ({
    name: contender.name,
    floor: contender.floor === true,
    loads: loads.get(contender) ?? [],
  }));
  return { models, contenders: found, problems };
}

const compileAnswer = z.object({
  wall_seconds: z.number(),
  cpu_seconds: z.number(),
  peak_bytes: z.number(),
  assets: z.number(),
  checks: z.number(),
});

/** Compiles a parsed project in a fresh process, once in every round. */
export async function measureCompiles(
  { models, rounds, dbtPython, log }: Omit<MeasureLoadsInput, 'contenders' | 'directory'>,
  parsed: string,
  signal: AbortSignal,
): Promise<CompileMeasurements> {
  const script = fileURLToPath(new URL('compile-once.js', import.meta.url));
  const compiles: CompileMeasurement[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const output = await runChecked(
      process.execPath,
      [script, parsed, dbtPython],
      parsed,
      within(loadTimeoutMs, signal),
    );
    const answer = compileAnswer.parse(JSON.parse(output));
    if (answer.assets !== models || answer.checks !== models) {
      throw new TypeError(`The compile gave ${answer.assets} assets and ${answer.checks} checks of ${models} each.`);
    }
    log(`  round ${round + 1} compile: ${answer.wall_seconds.toFixed(2)} s, CPU ${answer.cpu_seconds.toFixed(2)} s`);
    compiles.push({
      wallSeconds: answer.wall_seconds,
      cpuSeconds: answer.cpu_seconds,
      peakBytes: answer.peak_bytes,
    });
  }
  return { models, compiles };
}

async function loadOnce(contender: LoadContender, models: number, signal: AbortSignal): Promise<LoadMeasurement> {
  const load = await contender.loadOnce(within(loadTimeoutMs, signal));
  if (load.assets === models && (load.checks ?? models) === models) return load;
  throw new TypeError(
    `${load.assets} assets and ${load.checks ?? 'no'} checks are there, ${models} of each should be.`,
  );
}

function within(timeoutMs: number, signal: AbortSignal): CallOptions {
  return { signal, timeoutMs };
}
