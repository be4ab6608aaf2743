import type { Orchestration, OrchestrationSchedule, OrchestrationSensor } from '../artifacts/orchestration.js';
import type { Problem } from '../errors/problem.js';
import { parseCron } from './cron.js';
import { settingError } from './pipeline-problems.js';
import type { Job, Schedule, Sensor } from './pipeline.js';
import { createSelector, type SelectedNodes, type SelectionRequest } from './selection/select.js';
import type { SelectionGraph } from './selection/selection-graph.js';
import { sensorProblems, toSensor } from './sensor-rules.js';
import { parseTimeZone } from './time-zone.js';

export interface Triggers {
  readonly jobs: readonly Job[];
  readonly schedules: readonly Schedule[];
  readonly sensors: readonly Sensor[];
  readonly problems: readonly Problem[];
}

/** Jobs, schedules and sensors: one job for each different selection, the whole product's first. */
export function toTriggers(orchestration: Orchestration, selection: SelectionGraph, product: string): Triggers {
  const problems: Problem[] = duplicateNames(orchestration);
  const jobs = new JobTable(selection, product, problems);
  const schedules = orchestration.schedules.map((schedule): Schedule => {
    const path = `schedules[${schedule.name}]`;
    const cron = parseCron(schedule.cron);
    if (!cron.ok) problems.push(cronProblem(schedule, path, cron.failure));
    const zone = parseTimeZone(schedule.timezone);
    if (!zone.ok) {
      problems.push(
        settingError('TIME_ZONE_INVALID', `${path}.timezone`, zone.failure.message, zone.failure.resolution),
      );
    }
    return {
      name: schedule.name,
      cron: cron.ok ? cron.value.expression : schedule.cron,
      timezone: schedule.timezone,
      enabled: schedule.enabled,
      job: jobs.jobFor(schedule, `Schedule "${schedule.name}"`, path),
    };
  });
  const sensors = orchestration.sensors.map((sensor): Sensor => {
    const path = `sensors[${sensor.name}]`;
    problems.push(...sensorProblems(sensor, path, product));
    return toSensor(sensor, jobs.jobFor(sensor, `Sensor "${sensor.name}"`, path));
  });
  return { jobs: jobs.all(), schedules, sensors, problems };
}

function cronProblem(schedule: OrchestrationSchedule, path: string, reason: string): Problem {
  return settingError(
    'CRON_INVALID',
    `${path}.cron`,
    `"${schedule.cron}" of schedule "${schedule.name}" is not a cron expression that can be used: ${reason}.`,
    'Write minute, hour, day of month, month and day of week, for example "0 6 * * MON-FRI", or @daily.',
  );
}

function duplicateNames(orchestration: Orchestration): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  const entries = [
    ...orchestration.schedules.map((schedule) => ({ kind: 'schedule', name: schedule.name })),
    ...orchestration.sensors.map((sensor) => ({ kind: 'sensor', name: sensor.name })),
  ];
  for (const { kind, name } of entries) {
    const other = seen.get(name);
    if (other === undefined) {
      seen.set(name, kind);
      continue;
    }
    const both = other === kind ? `Two ${kind}s are` : `A ${other} and a ${kind} are both`;
    problems.push(
      settingError(
        'DUPLICATE_NAME',
        `${kind}s[${name}].name`,
        `${both} named "${name}".`,
        'Give one of them another name.',
      ),
    );
  }
  return problems;
}

/** Finds or makes the job of a selection. */
class JobTable {
  readonly #select: (request: SelectionRequest) => SelectedNodes;
  readonly #problems: Problem[];
  readonly #bySelection = new Map<string, Job>();
  readonly #names = new Set<string>();

  constructor(selection: SelectionGraph, product: string, problems: Problem[]) {
    this.#select = createSelector(selection);
    this.#problems = problems;
    this.#add(product, null, null, []);
  }

  all(): readonly Job[] {
    return [...this.#bySelection.values()];
  }

  /** Name of the job that runs what the trigger selects. */
  jobFor(trigger: OrchestrationSchedule | OrchestrationSensor, owner: string, path: string): string {
    const select = normalized(trigger.select);
    const exclude = normalized(trigger.exclude);
    const known = this.#bySelection.get(keyOf(select, exclude));
    if (known !== undefined) return known.name;
    const problems: Problem[] = [];
    const job = this.#add(this.#freeName(trigger.name), select, exclude, problems);
    for (const problem of problems) {
      const location = { node: `${path}.${problem.location?.node ?? 'select'}` };
      this.#problems.push({ ...problem, message: `${owner}: ${problem.message}`, location });
    }
    return job.name;
  }

  #add(name: string, select: string | null, exclude: string | null, problems: Problem[]): Job {
    const { assets, checks, problems: found } = this.#select({ select, exclude });
    problems.push(...found);
    const job: Job = { name, select, exclude, assets, checks };
    this.#names.add(name);
    this.#bySelection.set(keyOf(select, exclude), job);
    return job;
  }

  /** The trigger's own name; with a number when the product or another job has it already. */
  #freeName(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#names.has(name); number += 1) name = `${wanted}_${number}`;
    return name;
  }
}

function normalized(text: string | null): string | null {
  return text === null
    ? null
    : text
        .split(/\s+/u)
        .filter((part) => part !== '')
        .join(' ');
}

function keyOf(select: string | null, exclude: string | null): string {
  return JSON.stringify([select, exclude]);
}
