import type { Job, Pipeline, Schedule, Sensor } from '@floe/core/pipeline/pipeline';
import { nativeAsset, type NameTable, type NativeAsset } from './airflow-name-table.js';

/** A part of the product in airflow.json; `assets` and `checks` are indices, null means all. */
export interface JobEntry {
  readonly name: string;
  readonly assets: readonly number[] | null;
  readonly checks: readonly number[] | null;
}

/** A DAG with a timetable. */
export interface ScheduleEntry {
  readonly dag_id: string;
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  readonly timezone: string;
  readonly enabled: boolean;
}

/** A DAG that waits for an asset: of another product, or one of its own that a trigger of the runtime watches. */
export interface SensorEntry {
  readonly dag_id: string;
  readonly name: string;
  readonly job: string;
  readonly type: Sensor['type'];
  readonly enabled: boolean;
  /** Seconds between two looks of the trigger; Airflow tells of other products' assets at once. */
  readonly interval: number;
  readonly asset: NativeAsset;
  readonly path?: string;
  readonly url?: string;
}

export interface TriggerData {
  readonly jobs: readonly JobEntry[];
  readonly schedules: readonly ScheduleEntry[];
  readonly sensors: readonly SensorEntry[];
}

/** The part of airflow.json about jobs, schedules and sensors. */
export function buildTriggerData(pipeline: Pipeline, names: NameTable): TriggerData {
  const assets = new Map(pipeline.assets.map((asset, index) => [asset.id, index]));
  const checks = new Map(pipeline.checks.map((check, index) => [check.id, index]));
  return {
    jobs: pipeline.jobs.map((job) => jobEntry(job, assets, checks)),
    schedules: pipeline.schedules.map((schedule) => scheduleEntry(schedule, names)),
    sensors: pipeline.sensors.map((sensor) => sensorEntry(sensor, names)),
  };
}

function jobEntry(job: Job, assets: ReadonlyMap<string, number>, checks: ReadonlyMap<string, number>): JobEntry {
  return { name: job.name, assets: indicesOf(job.assets, assets), checks: indicesOf(job.checks, checks) };
}

function indicesOf(ids: readonly string[], indices: ReadonlyMap<string, number>): number[] | null {
  const found = ids.flatMap((id) => indices.get(id) ?? []).sort((left, right) => left - right);
  return found.length === indices.size ? null : found;
}

function scheduleEntry({ name, job, cron, timezone, enabled }: Schedule, names: NameTable): ScheduleEntry {
  return { dag_id: names.schedules.get(name) ?? name, name, job, cron, timezone, enabled };
}

function sensorEntry(sensor: Sensor, names: NameTable): SensorEntry {
  const { name, job, enabled, interval } = sensor;
  const dagId = names.sensors.get(name) ?? name;
  const base = { dag_id: dagId, name, job, enabled, interval };
  switch (sensor.type) {
    case 'product_succeeded':
      return { ...base, type: sensor.type, asset: nativeAsset([sensor.product]) };
    case 'asset_updated':
      return { ...base, type: sensor.type, asset: nativeAsset(sensor.asset.split('/')) };
    case 'file_changed':
      return { ...base, type: sensor.type, asset: nativeAsset([dagId]), path: sensor.path };
    case 'http_ready':
      return { ...base, type: sensor.type, asset: nativeAsset([dagId]), url: sensor.url };
  }
}
