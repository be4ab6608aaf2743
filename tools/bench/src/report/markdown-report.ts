import type { RunMeasurement } from '../contender.js';
import type { LoadComparison } from '../measure-loads.js';
import type { ContenderRuns, RunComparison } from '../measure-runs.js';
import { median, pairedRatio, summarize } from '../statistics.js';
import { markdownTable } from './markdown-table.js';
import type { BenchResults } from './results.js';

const none = '–';

/** docs/benchmarks.md for the results. */
export function markdownReport(results: BenchResults): string {
  const sections = [
    '# Benchmarks',
    'Written by `npm run bench`; change nothing here by hand.',
    machineSection(results),
    ...(results.runs.length === 0 ? [] : ['## Runs', runMethod(results), ...results.runs.flatMap(runSection)]),
    ...(results.loads.length === 0 ? [] : ['## Loading the definitions', loadMethod, loadTable(results.loads)]),
    ...compileSection(results),
  ];
  return `${sections.join('\n\n')}\n`;
}

function machineSection({ machine, date, rounds }: BenchResults): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    '## Machine',
    '',
    `- ${date}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    `- ${machine.cores} cores (${machine.processor}), ${machine.memoryGigabytes} GB memory, ${machine.system}`,
    `- ${versions.join(', ')}`,
  ].join('\n');
}

function runMethod({ runs }: BenchResults): string {
  const idle = Math.max(...runs.map(({ idleLoad }) => idleLoad));
  return [
    'Generated dbt projects on DuckDB with one test for each model; the SQL costs next to nothing, so the work around it shows. All ways run the same project on the same machine in turn, each on a copy of its own, after one run that does not count. All those on an orchestrator share one real server of it, each with a code location and a Python environment of its own. A run in which a model or test is missing is no measurement.',
    '',
    '- wall: from the launch to the end as the client sees it; median (lowest–highest)',
    "- own start to end: by the orchestrator's own times",
    '- CPU: user and system seconds of all processes, the server too',
    '- peak: memory of the processes that the run starts, sampled ten times a second',
    '- ×: against `dbt build` in the same round, median over the rounds',
    '',
    `While nothing runs, the server and the bench together use ${(idle * 100).toFixed(1)} % of one core.`,
  ].join('\n');
}

function runSection(comparison: RunComparison): string[] {
  const title = `### ${comparison.models} models + ${comparison.tests} tests`;
  const phases = phaseTable(comparison);
  return phases === undefined
    ? [title, runTable(comparison)]
    : [title, runTable(comparison), 'What the wall seconds went into (medians):', phases];
}

function runTable({ contenders }: RunComparison): string {
  const baseline = contenders.find((entry) => entry.baseline);
  const header = ['', 'wall s', '×', 'own start to end s', '×', 'CPU s', '×', 'peak MB'];
  const rows = contenders.map((entry) => {
    const ratio = (of: (run: RunMeasurement) => number | undefined, base: (run: RunMeasurement) => number): string => {
      if (baseline === undefined) return none;
      const value = pairedRatio(valuesOf(entry, of), valuesOf(baseline, base));
      return value === undefined ? none : value.toFixed(2);
    };
    const wall = (run: RunMeasurement): number => run.wallSeconds;
    const started = (run: RunMeasurement): number | undefined => run.startedSeconds;
    const cpu = (run: RunMeasurement): number => run.cpuSeconds;
    return [
      entry.name,
      spread(valuesOf(entry, wall)),
      ratio(wall, wall),
      spread(valuesOf(entry, started)),
      ratio(started, wall),
      spread(valuesOf(entry, cpu)),
      ratio(cpu, cpu),
      middle(
        valuesOf(entry, (run) => run.peakBytes / 1e6),
        0,
      ),
    ];
  });
  return markdownTable(header, rows);
}

/** Phases of the contenders that have any, or undefined. */
function phaseTable({ contenders }: RunComparison): string | undefined {
  const split = contenders.filter(({ runs }) => runs.some((run) => run?.phases !== undefined));
  if (split.length === 0) return undefined;
  const detailed = [...split].sort((one, other) => phasesOf(other).length - phasesOf(one).length)[0];
  const names = [...new Set([detailed, ...split].flatMap((entry) => (entry === undefined ? [] : phasesOf(entry))))];
  const rows = names.map((name) => [
    name,
    ...split.map((entry) =>
      middle(
        valuesOf(entry, (run) => run.phases?.[name]),
        2,
      ),
    ),
  ]);
  return markdownTable(['', ...split.map(({ name }) => name)], rows);
}

function phasesOf({ runs }: ContenderRuns): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run?.phases ?? {})))];
}

const loadMethod =
  'A fresh Python loads the code location up to the snapshot that the code server sends: all models as assets, all tests as checks, one job. "Written by hand" are the same assets with the same attributes in plain code of the orchestrator: the floor. CPU seconds and × against the floor are medians.';

function loadTable(loads: readonly LoadComparison[]): string {
  const rows = loads.flatMap(({ models, contenders }) => {
    const floor = contenders.find((entry) => entry.floor);
    return contenders.map((entry) => {
      const cpu = entry.loads.map((load) => load?.cpuSeconds);
      const ratio =
        floor === undefined
          ? undefined
          : pairedRatio(
              cpu,
              floor.loads.map((load) => load?.cpuSeconds),
            );
      return [
        `${models.toLocaleString('en')}, ${entry.name}`,
        middle(cpu, 2),
        ratio === undefined ? none : ratio.toFixed(2),
        middle(
          entry.loads.map((load) => load && load.peakBytes / 1e6),
          0,
        ),
      ];
    });
  });
  return markdownTable(['models', 'CPU s', '×', 'peak MB'], rows);
}

function compileSection({ compile }: BenchResults): string[] {
  if (compile === undefined || compile.compiles.length === 0) return [];
  const { models, compiles } = compile;
  const row = [
    models.toLocaleString('en'),
    spread(compiles.map(({ wallSeconds }) => wallSeconds)),
    spread(compiles.map(({ cpuSeconds }) => cpuSeconds)),
    middle(
      compiles.map(({ peakBytes }) => peakBytes / 1e6),
      0,
    ),
  ];
  return [
    '## Compile',
    "From the files and dbt's manifest on the disk to the checked pipeline, in a fresh Node, without its start; median (lowest–highest).",
    markdownTable(['models', 'wall s', 'CPU s', 'peak MB'], [row]),
  ];
}

function valuesOf(
  { runs }: ContenderRuns,
  of: (run: RunMeasurement) => number | undefined,
): readonly (number | undefined)[] {
  return runs.map((run) => (run === undefined ? undefined : of(run)));
}

function spread(values: readonly (number | undefined)[]): string {
  const present = values.filter((value) => value !== undefined);
  if (present.length === 0) return none;
  const { median: middleValue, lowest, highest, count } = summarize(present);
  if (count === 1) return middleValue.toFixed(2);
  return `${middleValue.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`;
}

function middle(values: readonly (number | undefined)[], digits: number): string {
  const present = values.filter((value) => value !== undefined);
  return present.length === 0 ? none : median(present).toFixed(digits);
}
