import type { Definitions } from '@floe/core/plugin-interfaces';
import { z } from 'zod';
import type { DeployedState, DeployedTrigger } from './dagster-deployed-state.js';

const triggersSchema = z.object({
  pool: z.string(),
  schedules: z.array(
    z.object({ name: z.string(), job: z.string(), cron: z.string(), timezone: z.string(), enabled: z.boolean() }),
  ),
  sensors: z.array(z.object({ name: z.string(), job: z.string(), interval: z.number(), enabled: z.boolean() })),
});

/** A schedule or sensor as it was planned. */
export interface PlannedTrigger {
  readonly name: string;
  readonly job: string;
  readonly enabled: boolean;
  readonly timing: string;
}

export interface PlannedTriggers {
  readonly pool: string;
  readonly schedules: readonly PlannedTrigger[];
  readonly sensors: readonly PlannedTrigger[];
}

/** Triggers and pool of a bundle, from its dagster.json. */
export function plannedTriggers(definitions: Pick<Definitions, 'files'>): PlannedTriggers {
  const file = definitions.files.find(({ path }) => path === 'dagster.json');
  const data = triggersSchema.parse(JSON.parse(file?.content ?? 'null'));
  return {
    pool: data.pool,
    schedules: data.schedules.map(({ name, job, enabled, cron, timezone }) => ({
      name,
      job,
      enabled,
      timing: `${cron} ${timezone}`,
    })),
    sensors: data.sensors.map(({ name, job, enabled, interval }) => ({ name, job, enabled, timing: String(interval) })),
  };
}

/** Every difference between what was planned and what Dagster shows, in sentences. */
export function findDrift(definitions: Definitions, planned: PlannedTriggers, deployed: DeployedState): string[] {
  const assets = new Set(definitions.assets.map(({ nativeName }) => nativeName));
  const edges = new Set(definitions.edges.map(edgeName));
  const readers = new Set([...assets, ...definitions.edges.map(([, downstream]) => downstream)]);
  // Assets of other products are shown with edges that are not ours to judge.
  const deployedEdges = deployed.edges.filter(([, downstream]) => readers.has(downstream)).map(edgeName);
  return [
    ...differences('asset', assets, deployed.assets),
    ...differences('check', new Set(definitions.checks.map(({ nativeName }) => nativeName)), deployed.checks),
    ...differences('edge', edges, new Set(deployedEdges)),
    ...differences(
      'job',
      new Set(definitions.jobs.map(({ nativeName }) => nativeName)),
      new Set([...deployed.jobs.keys()].filter((name) => !name.startsWith('__'))),
    ),
    ...triggerDrift('schedule', planned.schedules, deployed.schedules),
    ...triggerDrift('sensor', planned.sensors, deployed.sensors),
  ];
}

function edgeName([upstream, downstream]: readonly [string, string]): string {
  return `${upstream} -> ${downstream}`;
}

function differences(kind: string, planned: ReadonlySet<string>, deployed: ReadonlySet<string>): string[] {
  const missing = [...planned].filter((name) => !deployed.has(name));
  const extra = [...deployed].filter((name) => !planned.has(name));
  return [
    ...missing.map((name) => `${kind} ${name} is planned, but Dagster does not show it`),
    ...extra.map((name) => `${kind} ${name} is shown by Dagster, but not planned`),
  ];
}

function triggerDrift(
  kind: string,
  planned: readonly PlannedTrigger[],
  deployed: readonly DeployedTrigger[],
): string[] {
  const drift = differences(kind, new Set(planned.map(({ name }) => name)), new Set(deployed.map(({ name }) => name)));
  for (const trigger of planned) {
    const found = deployed.find(({ name }) => name === trigger.name);
    if (found === undefined) continue;
    if (found.timing !== trigger.timing) {
      drift.push(`${kind} ${trigger.name} has "${found.timing}" at Dagster, planned is "${trigger.timing}"`);
    }
    if (found.job !== null && found.job !== trigger.job) {
      drift.push(`${kind} ${trigger.name} starts ${found.job} at Dagster, planned is ${trigger.job}`);
    }
    if (found.running !== trigger.enabled) {
      drift.push(
        `${kind} ${trigger.name} is ${found.running ? 'on' : 'off'} at Dagster, planned is ${trigger.enabled ? 'on' : 'off'}`,
      );
    }
  }
  return drift;
}
