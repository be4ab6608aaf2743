import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.js';
import { describeMachine, readMachineUnits } from './machine.js';
import {
  measureCompiles,
  measureLoads,
  parseProject,
  type CompileMeasurements,
  type LoadComparison,
} from './measure-loads.js';
import { measureRuns, type RunComparison } from './measure-runs.js';
import { messageOf } from './message-of.js';
import { readOptions, type BenchOptions } from './options.js';
import { openBench } from './orchestrators.js';
import { endSurvivors } from './process/survivors.js';
import { benchmarkPage } from './report/benchmark-page.js';
import { compileSection, orchestratorSection } from './report/markdown-report.js';
import type { BenchResults } from './report/results.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const home = join(root, '.floe');
const environmentTimeoutMs = 900_000;
/** A child of dbt may take this long to end after its adapter was killed. */
const survivorWaitMs = 15_000;

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Measures everything that the options ask for. @returns problems that spoil the results */
async function bench(options: BenchOptions, directory: string, signal: AbortSignal): Promise<readonly string[]> {
  const units = readMachineUnits();
  const freshDirectory = (name: string): string => mkdtempSync(join(directory, `${name}-`));
  const orchestrator = openBench(options.orchestrator, { home, directory, freshDirectory, units, log });
  const call = { signal, timeoutMs: environmentTimeoutMs };
  await orchestrator.prepare(call);
  const machine = describeMachine(await orchestrator.versions(call));
  const { rounds } = options;

  const runs: RunComparison[] = [];
  for (const models of options.sizes) {
    log(`\n── runs of ${models} models + ${models} tests`);
    const input = { models, rounds, directory: freshDirectory(`runs-${models}`), units, log };
    runs.push(await measureRuns({ ...input, contenders: chosen(orchestrator.contenders(), options) }, signal));
  }
  const loads: LoadComparison[] = [];
  let compile: CompileMeasurements | undefined;
  const { dbtPython } = orchestrator;
  const ways = orchestrator.loads();
  for (const models of parsedSizes(options, ways.length > 0)) {
    log(`\n── dbt parses ${models} models + ${models} tests`);
    const own = freshDirectory(`load-${models}`);
    const parsed = await parseProject(models, own, dbtPython, signal);
    const input = { models, rounds, directory: own, dbtPython, log };
    if (ways.length > 0 && options.load.includes(models)) {
      loads.push(await measureLoads({ ...input, contenders: orchestrator.loads() }, parsed, signal));
    }
    if (options.compile === models) compile = await measureCompiles(input, parsed, signal);
    await rm(own, { recursive: true, force: true });
  }
  const results: BenchResults = {
    orchestrator: options.orchestrator,
    date: new Date().toISOString().slice(0, 10),
    rounds,
    quick: options.quick,
    machine,
    runs,
    loads,
    loadMethod: orchestrator.loadMethod,
    ...(compile !== undefined && { compile }),
  };
  const problems = [...runs, ...loads].flatMap((comparison) => comparison.problems);
  await writeResults(results, options.quick || options.only !== undefined, problems);
  return problems;
}

/** The baseline and those that the options name. */
function chosen(contenders: readonly Contender[], { only }: BenchOptions): readonly Contender[] {
  return contenders.filter(({ name, baseline }) => baseline === true || only === undefined || name.includes(only));
}

/** Sizes that dbt has to parse, each once. */
function parsedSizes({ load, compile }: BenchOptions, hasLoads: boolean): readonly number[] {
  return [...new Set([...(hasLoads ? load : []), ...(compile === 0 ? [] : [compile])])].sort(
    (one, other) => one - other,
  );
}

/** The JSON always; the page of the documentation only when the numbers mean something and nothing is missing. */
async function writeResults(results: BenchResults, partial: boolean, problems: readonly string[]): Promise<void> {
  const folder = join(home, 'bench');
  await mkdir(folder, { recursive: true });
  const name = partial ? `${results.orchestrator}-partial` : results.orchestrator;
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  const sections = { [results.orchestrator]: orchestratorSection(results), compile: compileSection(results) };
  for (const section of Object.values(sections)) if (section !== undefined) log(`\n${section}`);
  const spoilt = partial || problems.length > 0;
  const page = spoilt ? join(folder, `${name}.md`) : join(root, 'docs', 'benchmarks.md');
  const before = spoilt ? '' : await readFile(page, 'utf8').catch(() => '');
  await writeFile(page, benchmarkPage(before, sections));
  log(`\nWritten: ${page.slice(root.length)} and .floe/bench/${name}.json`);
}

async function main(): Promise<number> {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      controller.abort(new TypeError(`stopped by ${signal}`));
    });
  }
  const options = readOptions(process.argv.slice(2));
  mkdirSync(home, { recursive: true });
  const directory = await mkdtemp(join(tmpdir(), 'floe-bench-'));
  const problems: string[] = [];
  try {
    problems.push(...(await bench(options, directory, controller.signal)));
  } finally {
    const survivors = await endSurvivors(directory, survivorWaitMs);
    if (survivors > 0) problems.push(`${survivors} processes had to be ended`);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
