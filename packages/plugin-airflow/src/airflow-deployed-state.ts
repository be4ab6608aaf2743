import { success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { assetsAnswer, dagsAnswer, tasksAnswer, type Dag, type DeployedAsset } from './airflow-answers.js';
import { apiPath, type AirflowClient, type Answer } from './airflow-client.js';
import { productTag } from './airflow-names.js';

/** Airflow cuts longer pages to this without saying so. */
const pageSize = 100;

/** The DAGs of a product that Airflow still has a file for, by id. */
export async function readDeployedDags(
  client: AirflowClient,
  product: string,
  call: CallOptions,
): Promise<Answer<ReadonlyMap<string, Dag>>> {
  const dags = new Map<string, Dag>();
  for (let offset = 0; ; offset += pageSize) {
    const query = { tags: [productTag(product)], exclude_stale: true, limit: pageSize, offset, order_by: 'dag_id' };
    const answer = await client.send({ method: 'GET', path: apiPath('dags'), query }, dagsAnswer, call);
    if (!answer.ok) return answer;
    for (const dag of answer.value.dags) dags.set(dag.dag_id, dag);
    if (answer.value.dags.length < pageSize) return success(dags);
  }
}

/** An asset of a product as Airflow shows it. */
export interface ProductAsset {
  readonly name: string;
  readonly uri: string;
}

/** The assets that a DAG makes or reads. */
export async function readDeployedAssets(
  client: AirflowClient,
  dagId: string,
  call: CallOptions,
): Promise<Answer<readonly ProductAsset[]>> {
  const assets: ProductAsset[] = [];
  for (let offset = 0; ; offset += pageSize) {
    const query = { dag_ids: [dagId], limit: pageSize, offset, order_by: 'id' };
    const answer = await client.send({ method: 'GET', path: apiPath('assets'), query }, assetsAnswer, call);
    if (!answer.ok) return answer;
    assets.push(...answer.value.assets.map(toProductAsset));
    if (answer.value.assets.length < pageSize) return success(assets);
  }
}

function toProductAsset({ name, uri }: DeployedAsset): ProductAsset {
  return { name, uri };
}

/** The tasks of a DAG. */
export interface DeployedTasks {
  readonly names: ReadonlySet<string>;
  /** [upstream, downstream] names of assets, as the tasks' own documentation tells. */
  readonly edges: readonly (readonly [string, string])[];
}

/** The tasks of a DAG, and what they say of the assets' graph. */
export async function readDeployedTasks(
  client: AirflowClient,
  dagId: string,
  call: CallOptions,
): Promise<Answer<DeployedTasks>> {
  const answer = await client.send({ method: 'GET', path: apiPath('dags', dagId, 'tasks') }, tasksAnswer, call);
  if (!answer.ok) return answer;
  const { tasks } = answer.value;
  return success({
    names: new Set(tasks.map(({ task_id: id }) => id)),
    edges: tasks.flatMap(({ doc_md: text }) => edgesOfDocumentation(text ?? '')),
  });
}

/** Reads the table of assets: in each row an asset, then those that it is made from. */
export function edgesOfDocumentation(markdown: string): (readonly [string, string])[] {
  return markdown.split('\n').flatMap((line) => {
    const [downstream, ...upstream] = [...line.matchAll(/`([^`]+)`/gu)].map(([, name]) => name ?? '');
    if (!line.startsWith('| `') || downstream === undefined) return [];
    return upstream.map((name) => [name, downstream] as const);
  });
}
