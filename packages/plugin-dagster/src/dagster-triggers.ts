import type { Job, Pipeline, Schedule, Sensor } from '@floe/core/pipeline/pipeline';
import type { NameTable } from './dagster-name-table.js';
import { keyPart } from './dagster-names.js';

/** A job in dagster.json; `assets` and `checks` are indices, null means all. */
export interface JobEntry {
  readonly name: string;
  readonly description: string;
  readonly assets: readonly number[] | null;
  readonly checks: readonly number[] | null;
}

export interface ScheduleEntry {
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  readonly timezone: string;
  readonly enabled: boolean;
}

export interface SensorEntry {
  readonly name: string;
  readonly job: string;
  readonly type: Sensor['type'];
  readonly enabled: boolean;
  /** Seconds. */
  readonly interval: number;
  readonly product?: string;
  readonly asset?: readonly string[];
  readonly path?: string;
  readonly url?: string;
}

export interface TriggerData {
  readonly jobs: readonly JobEntry[];
  readonly schedules: readonly ScheduleEntry[];
  readonly sensors: readonly SensorEntry[];
}

/** The part of dagster.json about jobs, schedules and sensors. */
export function buildTriggerData(pipeline: Pipeline, names: NameTable): TriggerData {
  const assets = new Map(pipeline.assets.map((asset, index) => [asset.id, index]));
  const checks = new Map(pipeline.checks.map((check, index) => [check.id, index]));
  return {
    jobs: pipeline.jobs.map((job) => ({
      name: names.jobs.get(job.name) ?? job.name,
      description: describeJob(job),
      assets: indicesOf(job.assets, assets),
      checks: indicesOf(job.checks, checks),
    })),
    schedules: pipeline.schedules.map((schedule) => scheduleEntry(schedule, names)),
    sensors: pipeline.sensors.map((sensor) => sensorEntry(sensor, names)),
  };
}

function describeJob(job: Job): string {
  if (job.select === null && job.exclude === null) return 'Builds and tests the whole product.';
  const exclude = job.exclude === null ? '' : ` without ${job.exclude}`;
  return `Builds and tests ${job.select ?? 'everything'}${exclude}.`;
}

function indicesOf(ids: readonly string[], indices: ReadonlyMap<string, number>): number[] | null {
  const found = ids.flatMap((id) => indices.get(id) ?? []).sort((left, right) => left - right);
  return found.length === indices.size ? null : found;
}

function scheduleEntry(schedule: Schedule, names: NameTable): ScheduleEntry {
  return {
    name: names.schedules.get(schedule.name) ?? schedule.name,
    job: names.jobs.get(schedule.job) ?? schedule.job,
    cron: schedule.cron,
    timezone: schedule.timezone,
    enabled: schedule.enabled,
  };
}

function sensorEntry(sensor: Sensor, names: NameTable): SensorEntry {
  const base = {
    name: names.sensors.get(sensor.name) ?? sensor.name,
    job: names.jobs.get(sensor.job) ?? sensor.job,
    enabled: sensor.enabled,
    interval: sensor.interval,
  };
  switch (sensor.type) {
    case 'product_succeeded':
      return { ...base, type: sensor.type, product: sensor.product };
    case 'asset_updated':
      return { ...base, type: sensor.type, asset: sensor.asset.split('/').map(keyPart) };
    case 'file_changed':
      return { ...base, type: sensor.type, path: sensor.path };
    case 'http_ready':
      return { ...base, type: sensor.type, url: sensor.url };
  }
}
