import type { Definitions } from '@floe/core/plugin-interfaces';
import { z } from 'zod';
import type { Dag } from './airflow-answers.js';
import type { DeployedTasks, ProductAsset } from './airflow-deployed-state.js';
import { buildTaskId, verdictTaskId } from './airflow-names.js';

const trigger = z.object({ dag_id: z.string(), name: z.string(), enabled: z.boolean() });

const documentSchema = z.object({
  dag_id: z.string(),
  product_asset: z.object({ name: z.string(), uri: z.string() }),
  assets: z.array(z.object({ name: z.string(), uri: z.string() })),
  externals: z.array(z.object({ name: z.string(), uri: z.string() })),
  tasks: z.array(z.object({ id: z.string() })),
  schedules: z.array(trigger.extend({ cron: z.string(), timezone: z.string() })),
  sensors: z.array(trigger),
});

/** A DAG as it was planned. */
export interface PlannedDag {
  readonly dagId: string;
  readonly kind: 'product' | 'schedule' | 'sensor';
  readonly enabled: boolean;
  /** Of a schedule. */
  readonly cron?: string;
}

/** Everything of a product that Airflow is to show. */
export interface PlannedState {
  readonly dagId: string;
  readonly dags: readonly PlannedDag[];
  /** Tasks of the product's DAG. */
  readonly tasks: ReadonlySet<string>;
  /** Addresses by name: those of the product, of what it makes and of what it reads. */
  readonly assets: ReadonlyMap<string, string>;
}

/** What a bundle plans, from its airflow.json. */
export function plannedState(definitions: Pick<Definitions, 'files'>): PlannedState {
  const file = definitions.files.find(({ path }) => path === 'airflow.json');
  const data = documentSchema.parse(JSON.parse(file?.content ?? 'null'));
  return {
    dagId: data.dag_id,
    dags: [
      { dagId: data.dag_id, kind: 'product', enabled: true },
      ...data.schedules.map(({ dag_id: dagId, enabled, cron }) => ({
        dagId,
        kind: 'schedule' as const,
        enabled,
        cron,
      })),
      ...data.sensors.map(({ dag_id: dagId, enabled }) => ({ dagId, kind: 'sensor' as const, enabled })),
    ],
    tasks: new Set([buildTaskId, verdictTaskId, ...data.tasks.map(({ id }) => id)]),
    assets: new Map([data.product_asset, ...data.assets, ...data.externals].map(({ name, uri }) => [name, uri])),
  };
}

/** Everything of a product that Airflow shows. */
export interface DeployedState {
  readonly dags: ReadonlyMap<string, Dag>;
  readonly tasks: DeployedTasks;
  readonly assets: readonly ProductAsset[];
}

/** Every difference between what was planned and what Airflow shows, in sentences. */
export function findDrift(definitions: Definitions, planned: PlannedState, deployed: DeployedState): string[] {
  const shown = new Map(deployed.assets.map((asset) => [asset.name, asset]));
  return [
    ...differences('DAG', new Set(planned.dags.map(({ dagId }) => dagId)), activeDags(planned, deployed.dags)),
    ...planned.dags.flatMap((dag) => dagDrift(dag, deployed.dags.get(dag.dagId))),
    ...differences('task', planned.tasks, deployed.tasks.names),
    ...differences('asset', new Set(planned.assets.keys()), new Set(shown.keys())),
    ...[...planned.assets].flatMap(([name, uri]) => {
      const found = shown.get(name);
      return found === undefined || found.uri === uri
        ? []
        : [`asset ${name} has the address ${found.uri} at Airflow, planned is ${uri}`];
    }),
    ...differences('edge', new Set(definitions.edges.map(edgeName)), new Set(deployed.tasks.edges.map(edgeName))),
  ];
}

/** A DAG of a trigger that was taken away stays for a while, switched off, until Airflow forgets its file. */
function activeDags(planned: PlannedState, dags: ReadonlyMap<string, Dag>): Set<string> {
  const wanted = new Set(planned.dags.map(({ dagId }) => dagId));
  return new Set([...dags.values()].filter((dag) => wanted.has(dag.dag_id) || !dag.is_paused).map((dag) => dag.dag_id));
}

function edgeName([upstream, downstream]: readonly [string, string]): string {
  return `${upstream} -> ${downstream}`;
}

function differences(kind: string, planned: ReadonlySet<string>, deployed: ReadonlySet<string>): string[] {
  const missing = [...planned].filter((name) => !deployed.has(name));
  const extra = [...deployed].filter((name) => !planned.has(name));
  return [
    ...missing.map((name) => `${kind} ${name} is planned, but Airflow does not show it`),
    ...extra.map((name) => `${kind} ${name} is shown by Airflow, but not planned`),
  ];
}

function dagDrift(planned: PlannedDag, found: Dag | undefined): string[] {
  if (found === undefined) return [];
  const drift: string[] = [];
  if (found.is_paused === planned.enabled) {
    drift.push(
      `${planned.kind} ${planned.dagId} is ${planned.enabled ? 'off' : 'on'} at Airflow, planned is ${planned.enabled ? 'on' : 'off'}`,
    );
  }
  if (planned.kind === 'product' && found.max_active_runs !== null && found.max_active_runs !== 1) {
    drift.push(`${planned.dagId} may have ${found.max_active_runs} runs at once at Airflow, planned is 1`);
  }
  if (planned.cron !== undefined && found.timetable_summary !== null && found.timetable_summary !== planned.cron) {
    drift.push(`${planned.dagId} has "${found.timetable_summary}" at Airflow, planned is "${planned.cron}"`);
  }
  return drift;
}
