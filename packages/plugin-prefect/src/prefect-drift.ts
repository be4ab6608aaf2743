import { isDeepStrictEqual } from 'node:util';
import type { Automation, DeployedSchedule, Deployment } from './prefect-answers.js';
import type { PlannedAutomation, PlannedDeployment, PlannedSchedule } from './prefect-planned-objects.js';

/** Fields of a deployment that differ from the plan, with the planned value; ready for PATCH. */
export function deploymentDifferences(planned: PlannedDeployment, deployed: Deployment): Record<string, unknown> {
  const differences: Record<string, unknown> = {};
  const compare = (field: string, wanted: unknown, found: unknown): void => {
    if (!isSame(wanted, found)) differences[field] = wanted;
  };
  compare('version', planned.version, deployed.version);
  compare('description', planned.description, deployed.description);
  compare('paused', false, deployed.paused);
  compare('entrypoint', planned.entrypoint, deployed.entrypoint);
  compare('parameters', planned.parameters, deployed.parameters);
  compare('parameter_openapi_schema', planned.parameter_openapi_schema, deployed.parameter_openapi_schema);
  compare('enforce_parameter_schema', true, deployed.enforce_parameter_schema);
  compare('job_variables', planned.job_variables, deployed.job_variables);
  compare('pull_steps', planned.pullSteps, deployed.pull_steps);
  compare('work_pool_name', planned.workPool, deployed.work_pool_name);
  compare('work_queue_name', planned.workQueue, deployed.work_queue_name);
  compare(
    'concurrency_limit',
    planned.concurrency_limit,
    deployed.concurrency_limit ?? deployed.global_concurrency_limit?.limit ?? null,
  );
  if (!isContained(planned.concurrency_options, deployed.concurrency_options)) {
    differences.concurrency_options = planned.concurrency_options;
  }
  if (!isSameSet(planned.tags, deployed.tags)) differences.tags = planned.tags;
  // Prefect checks job variables against the template of the pool only when the pool is named with them. A pool alone
  // resets the queue, and a queue alone is looked for in any pool.
  if (['job_variables', 'work_pool_name', 'work_queue_name'].some((field) => field in differences)) {
    differences.work_pool_name = planned.workPool;
    differences.work_queue_name = planned.workQueue;
  }
  return differences;
}

/** True when the labels that only a creation can set are not there. */
export function lacksLabels(planned: PlannedDeployment, deployed: Deployment): boolean {
  return Object.entries(planned.labels).some(([name, value]) => deployed.labels[name] !== value);
}

/** What must happen so that the schedules of a deployment are as planned; those that are keep their id. */
export interface ScheduleChanges {
  readonly added: readonly PlannedSchedule[];
  readonly changed: readonly { readonly id: string; readonly planned: PlannedSchedule }[];
  readonly deleted: readonly DeployedSchedule[];
}

export function scheduleChanges(
  planned: readonly PlannedSchedule[],
  deployed: readonly DeployedSchedule[],
): ScheduleChanges {
  const bySlug = new Map<string, DeployedSchedule>();
  const deleted: DeployedSchedule[] = [];
  for (const schedule of deployed) {
    if (schedule.slug === null || bySlug.has(schedule.slug)) deleted.push(schedule);
    else bySlug.set(schedule.slug, schedule);
  }
  const slugs = new Set(planned.map(({ slug }) => slug));
  return {
    added: planned.filter(({ slug }) => !bySlug.has(slug)),
    changed: planned.flatMap((schedule) => {
      const found = bySlug.get(schedule.slug);
      return found === undefined || isSameSchedule(schedule, found) ? [] : [{ id: found.id, planned: schedule }];
    }),
    deleted: [...deleted, ...[...bySlug.values()].filter(({ slug }) => slug === null || !slugs.has(slug))],
  };
}

function isSameSchedule(planned: PlannedSchedule, deployed: DeployedSchedule): boolean {
  return (
    planned.active === deployed.active &&
    isContained(planned.schedule, deployed.schedule) &&
    isSame(planned.parameters, deployed.parameters)
  );
}

/** True when an automation is as planned; what Prefect adds to it is empty or its own id. */
export function isSameAutomation(planned: PlannedAutomation, deployed: Automation): boolean {
  return (
    planned.description === deployed.description &&
    planned.enabled === deployed.enabled &&
    isSameSet(planned.tags, deployed.tags) &&
    isContained(planned.trigger, withoutId(deployed.trigger)) &&
    isContained(planned.actions, deployed.actions)
  );
}

function withoutId({ id: _id, ...rest }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return rest;
}

function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other);
}

function isSameSet(one: readonly unknown[], other: readonly unknown[]): boolean {
  return isDeepStrictEqual(new Set(one), new Set(other));
}

/** Equal, but for what the server adds by itself when it is empty, the order of texts, and the writing of a time. */
function isContained(planned: unknown, deployed: unknown): boolean {
  if (Array.isArray(planned) && Array.isArray(deployed)) {
    if (planned.every((item) => typeof item === 'string')) return isSameSet(planned, deployed);
    return planned.length === deployed.length && planned.every((item, index) => isContained(item, deployed[index]));
  }
  if (isRecord(planned) && isRecord(deployed)) {
    const names = new Set([...Object.keys(planned), ...Object.keys(deployed)]);
    return [...names].every((name) => {
      if (!(name in planned)) return isEmpty(deployed[name]);
      if (!(name in deployed)) return isEmpty(planned[name]);
      return isContained(planned[name], deployed[name]);
    });
  }
  return planned === deployed || (isEmpty(planned) && isEmpty(deployed)) || isSameTime(planned, deployed);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === 0 || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

const isoTime = /^\d{4}-\d\d-\d\dT/u;

function isSameTime(one: unknown, other: unknown): boolean {
  return (
    typeof one === 'string' &&
    typeof other === 'string' &&
    isoTime.test(one) &&
    isoTime.test(other) &&
    Date.parse(one) === Date.parse(other)
  );
}
