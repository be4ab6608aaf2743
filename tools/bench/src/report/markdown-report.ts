import type { RunMeasurement } from '../contender.js';
import type { LoadComparison } from '../measure-loads.js';
import type { ContenderRuns, RunComparison } from '../measure-runs.js';
import { median, pairedRatio, summarize } from '../statistics.js';
import { markdownTable } from './markdown-table.js';
import type { BenchResults } from './results.js';

const none = '–';

/** The section of the page on one orchestrator. */
export function orchestratorSection(results: BenchResults): string {
  return [
    `## ${results.orchestrator.charAt(0).toUpperCase()}${results.orchestrator.slice(1)}`,
    machineLines(results),
    ...(results.runs.length === 0 ? [] : [...results.runs.flatMap(runSection), idleLine(results)]),
    ...(results.loads.length === 0
      ? []
      : ['### Loading the definitions', `${results.loadMethod} ${loadColumns}`, loadTable(results.loads)]),
  ].join('\n\n');
}

/** The section on the compile, which is the same for every orchestrator, or undefined when it was not measured. */
export function compileSection(results: BenchResults): string | undefined {
  const { compile } = results;
  if (compile === undefined || compile.compiles.length === 0) return undefined;
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
    machineLines(results),
    "From the files and dbt's manifest on the disk to the checked pipeline, in a fresh Node, without its start; median (lowest–highest).",
    markdownTable(['models', 'wall s', 'CPU s', 'peak MB'], [row]),
  ].join('\n\n');
}

function machineLines({ machine, date, rounds }: BenchResults): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- ${date}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    `- ${machine.cores} cores (${machine.processor}), ${machine.memoryGigabytes} GB memory, ${machine.system}`,
    `- ${versions.join(', ')}`,
  ].join('\n');
}

function idleLine({ runs }: BenchResults): string {
  const idle = Math.max(...runs.map(({ idleLoad }) => idleLoad));
  return `While nothing runs, the server and the bench together use ${(idle * 100).toFixed(1)} % of one core.`;
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

const loadColumns = 'CPU seconds and × against the floor are medians.';

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
