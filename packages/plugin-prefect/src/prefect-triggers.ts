import type { Pipeline, Schedule, Sensor } from '@floe/core/pipeline/pipeline';
import {
  assetKey,
  cursorVariable,
  deploymentName,
  flowName,
  lostRunsAutomationName,
  ownershipTags,
  sensorAutomationName,
  sensorResource,
  type Owner,
} from './prefect-names.js';

/** A schedule of a deployment; its id stays as long as its slug does. */
export interface ScheduleEntry {
  readonly slug: string;
  readonly active: boolean;
  readonly schedule:
    | { readonly cron: string; readonly timezone: string; readonly day_or: true }
    | { readonly interval: number; readonly anchor_date: string; readonly timezone: string };
  readonly parameters: Readonly<Record<string, string>>;
}

/** An automation; `{deployment:product}` stands for the id of the product's deployment. */
export interface AutomationEntry {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly trigger: EventTrigger;
  readonly actions: readonly Readonly<Record<string, unknown>>[];
}

export interface EventTrigger {
  readonly type: 'event';
  readonly posture: 'Reactive' | 'Proactive';
  readonly after: readonly string[];
  readonly expect: readonly string[];
  readonly match: Readonly<Record<string, string>>;
  readonly match_related: Readonly<Record<string, string>> | readonly Readonly<Record<string, string>>[];
  readonly for_each: readonly string[];
  readonly threshold: number;
  /** Seconds. */
  readonly within: number;
}

/** A sensor that the sensor flow looks after. */
export interface PolledSensor {
  readonly name: string;
  readonly type: 'file_changed' | 'http_ready';
  readonly path?: string;
  readonly url?: string;
  readonly cursor: string;
  readonly resource: string;
}

/** Seconds between two signs of life of a run; Prefect takes no less than 30. */
export const heartbeatSeconds = 30;
/** Event that the sensor flow sends; the same word as in sensor_flow.py. */
export const firedEvent = 'floe.sensor.fired';
/** Slots of an interval are counted from here, so that the same schedule is the same text each time. */
const anchorDate = '2024-01-01T00:00:00Z';
const productDeployment = '{deployment:product}';

function ownerOf({ product }: Pipeline): Owner {
  return { platform: product.platform, product: product.name };
}

/** Schedules of the product's deployment. */
export function buildSchedules(pipeline: Pipeline): ScheduleEntry[] {
  return pipeline.schedules.map((schedule: Schedule) => ({
    slug: schedule.name,
    active: schedule.enabled,
    schedule: { cron: schedule.cron, timezone: schedule.timezone, day_or: true },
    parameters: { job: schedule.job, trigger: `schedule:${schedule.name}` },
  }));
}

/** Sensors for which a flow has to look. */
export function buildPolledSensors(pipeline: Pipeline): PolledSensor[] {
  const owner = ownerOf(pipeline);
  return pipeline.sensors.flatMap((sensor) => {
    if (sensor.type !== 'file_changed' && sensor.type !== 'http_ready') return [];
    return {
      name: sensor.name,
      type: sensor.type,
      ...(sensor.type === 'file_changed' ? { path: sensor.path } : { url: sensor.url }),
      cursor: cursorVariable(owner, sensor.name),
      resource: sensorResource(owner, sensor.name),
    };
  });
}

/** Schedules of the sensor flow's deployment: one for each sensor. */
export function buildSensorSchedules(pipeline: Pipeline): ScheduleEntry[] {
  const polled = new Set(buildPolledSensors(pipeline).map(({ name }) => name));
  return pipeline.sensors
    .filter(({ name }) => polled.has(name))
    .map(({ name, enabled, interval }) => ({
      slug: name,
      active: enabled,
      schedule: { interval, anchor_date: anchorDate, timezone: 'UTC' },
      parameters: { sensor: name },
    }));
}

/** Automations: one for each sensor, and the one that ends runs whose process is gone. */
export function buildAutomations(pipeline: Pipeline): AutomationEntry[] {
  const owner = ownerOf(pipeline);
  return [...pipeline.sensors.map((sensor) => sensorAutomation(sensor, owner)), lostRunsAutomation(owner)];
}

function sensorAutomation(sensor: Sensor, owner: Owner): AutomationEntry {
  return {
    name: sensorAutomationName(owner, sensor.name),
    description: `Runs ${sensor.job} of ${owner.product} ${describe(sensor)}.`,
    enabled: sensor.enabled,
    tags: ownershipTags(owner),
    trigger: {
      type: 'event',
      posture: 'Reactive',
      after: [],
      ...occasion(sensor, owner),
      for_each: [],
      threshold: 1,
      within: 0,
    },
    actions: [
      {
        type: 'run-deployment',
        source: 'selected',
        deployment_id: productDeployment,
        parameters: { job: sensor.job, trigger: `sensor:${sensor.name}` },
      },
    ],
  };
}

function describe(sensor: Sensor): string {
  switch (sensor.type) {
    case 'product_succeeded':
      return `after each successful run of ${sensor.product}`;
    case 'asset_updated':
      return `after each update of ${sensor.asset}`;
    case 'file_changed':
      return `when ${sensor.path} has changed`;
    case 'http_ready':
      return `when ${sensor.url} is ready`;
  }
}

/** What fires: the other product is matched by its names, so that it may be deployed later or anew. */
function occasion(sensor: Sensor, owner: Owner): Pick<EventTrigger, 'expect' | 'match' | 'match_related'> {
  switch (sensor.type) {
    case 'product_succeeded':
      return {
        expect: ['prefect.flow-run.Completed'],
        match: { 'prefect.resource.id': 'prefect.flow-run.*' },
        match_related: [
          { 'prefect.resource.role': 'flow', 'prefect.resource.name': flowName(sensor.product) },
          { 'prefect.resource.role': 'deployment', 'prefect.resource.name': deploymentName(owner.platform) },
        ],
      };
    case 'asset_updated':
      return {
        expect: ['prefect.asset.materialization.succeeded'],
        match: { 'prefect.resource.id': assetKey(owner.platform, sensor.asset.split('/')) },
        match_related: {},
      };
    case 'file_changed':
    case 'http_ready':
      return {
        expect: [firedEvent],
        match: { 'prefect.resource.id': sensorResource(owner, sensor.name) },
        match_related: {},
      };
  }
}

/** Prefect leaves a run Running for ever when its process and its worker are gone; this ends it. */
function lostRunsAutomation(owner: Owner): AutomationEntry {
  const heartbeat = 'prefect.flow-run.heartbeat';
  const ends = ['Completed', 'Failed', 'TimedOut', 'Cancelled', 'Crashed'].map((name) => `prefect.flow-run.${name}`);
  return {
    name: lostRunsAutomationName(owner),
    description: `Ends runs of ${owner.product} that have given no sign of life for ${3 * heartbeatSeconds} seconds.`,
    enabled: true,
    tags: ownershipTags(owner),
    trigger: {
      type: 'event',
      posture: 'Proactive',
      after: [heartbeat],
      expect: [heartbeat, ...ends],
      match: { 'prefect.resource.id': 'prefect.flow-run.*' },
      match_related: {
        'prefect.resource.id': `prefect.deployment.${productDeployment}`,
        'prefect.resource.role': 'deployment',
      },
      for_each: ['prefect.resource.id'],
      threshold: 1,
      within: 3 * heartbeatSeconds,
    },
    actions: [
      {
        type: 'change-flow-run-state',
        state: 'CRASHED',
        message: `No sign of life for ${3 * heartbeatSeconds} seconds: the process of the run is gone.`,
      },
    ],
  };
}
