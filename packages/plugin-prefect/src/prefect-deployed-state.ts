import { success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';
import {
  automationsAnswer,
  deploymentSchema,
  deploymentsAnswer,
  workPoolSchema,
  type Automation,
  type Deployment,
  type WorkPool,
} from './prefect-answers.js';
import type { Answer, PrefectClient } from './prefect-client.js';
import { ownershipTags, type Owner } from './prefect-names.js';
import type { PlannedObjects } from './prefect-planned-objects.js';

/** What Prefect has of a product. */
export interface DeployedState {
  /** By role in the plan. */
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** Deployments of the product that the plan does not have. */
  readonly strayDeployments: readonly Deployment[];
  /** Automations of the product, and others with a planned name. */
  readonly automations: readonly Automation[];
  /** Names of variables of the product's sensors. */
  readonly cursors: readonly string[];
}

/** Reads everything of a product; questions only. */
export async function readDeployedState(
  client: PrefectClient,
  planned: Pick<PlannedObjects, 'product' | 'platform' | 'deployments' | 'automations'>,
  call: CallOptions,
): Promise<Answer<DeployedState>> {
  const deployments = new Map<string, Deployment>();
  for (const { role, flow, name } of planned.deployments) {
    const found = await readDeployment(client, flow, name, call);
    if (!found.ok) return found;
    if (found.value !== undefined) deployments.set(role, found.value);
  }
  const tags = ownershipTags(planned);
  const owned = await readOwnedDeployments(client, planned, call);
  if (!owned.ok) return owned;
  const known = new Set([...deployments.values()].map(({ id }) => id));
  const automations = await readAutomations(client, { tags: { all_: tags } }, call);
  if (!automations.ok) return automations;
  const names = planned.automations.map(({ name }) => name);
  const named = names.length === 0 ? success([]) : await readAutomations(client, { name: { any_: names } }, call);
  if (!named.ok) return named;
  const cursors = await readCursors(client, planned, call);
  if (!cursors.ok) return cursors;
  const byId = new Map([...named.value, ...automations.value].map((automation) => [automation.id, automation]));
  return success({
    deployments,
    strayDeployments: owned.value.filter(({ id }) => !known.has(id)),
    automations: [...byId.values()],
    cursors: cursors.value,
  });
}

/** A deployment by the names of its flow and its own; undefined when there is none. */
export async function readDeployment(
  client: PrefectClient,
  flow: string,
  name: string,
  call: CallOptions,
): Promise<Answer<Deployment | undefined>> {
  const path = `/deployments/name/${encodeURIComponent(flow)}/${encodeURIComponent(name)}`;
  return orUndefined(await client.ask({ method: 'GET', path }, deploymentSchema, call));
}

/** A work pool by its name; undefined when there is none. */
export async function readWorkPool(
  client: PrefectClient,
  name: string,
  call: CallOptions,
): Promise<Answer<WorkPool | undefined>> {
  const path = `/work_pools/${encodeURIComponent(name)}`;
  return orUndefined(await client.ask({ method: 'GET', path }, workPoolSchema, call));
}

/** "There is no such thing" as a value; a 404 for a path that the server does not have stays a fault. */
function orUndefined<Value>(answer: Answer<Value>): Answer<Value | undefined> {
  const isMissing = !answer.ok && answer.failure.status === 404 && answer.failure.code !== 'CONNECTION_WRONG_ENDPOINT';
  return isMissing ? success(undefined) : answer;
}

const pageSize = 200;

/** Deployments that carry the tags of a product on a platform. */
export function readOwnedDeployments(
  client: PrefectClient,
  owner: Owner,
  call: CallOptions,
): Promise<Answer<readonly Deployment[]>> {
  return readDeployments(client, ownershipTags(owner), call);
}

/** Deployments of a product on any platform. */
export function readProductDeployments(
  client: PrefectClient,
  product: string,
  call: CallOptions,
): Promise<Answer<readonly Deployment[]>> {
  const tags = ownershipTags({ product, platform: '' }).filter((tag) => !tag.startsWith('floe:platform='));
  return readDeployments(client, tags, call);
}

function readDeployments(
  client: PrefectClient,
  tags: readonly string[],
  call: CallOptions,
): Promise<Answer<readonly Deployment[]>> {
  const json = { deployments: { tags: { all_: tags } }, limit: pageSize };
  return client.ask({ method: 'POST', path: '/deployments/filter', json }, deploymentsAnswer, call);
}

/** Automations that carry the tags of a product on a platform. */
export function readOwnedAutomations(
  client: PrefectClient,
  owner: Owner,
  call: CallOptions,
): Promise<Answer<readonly Automation[]>> {
  return readAutomations(client, { tags: { all_: ownershipTags(owner) } }, call);
}

function readAutomations(
  client: PrefectClient,
  filter:
    { readonly tags: { readonly all_: readonly string[] } } | { readonly name: { readonly any_: readonly string[] } },
  call: CallOptions,
): Promise<Answer<readonly Automation[]>> {
  const json = { automations: filter, limit: pageSize };
  return client.ask({ method: 'POST', path: '/automations/filter', json }, automationsAnswer, call);
}

const variablesAnswer = z.array(z.looseObject({ name: z.string() }));

/** Variables that the sensors of a product on a platform have made. */
export async function readCursors(
  client: PrefectClient,
  owner: Owner,
  call: CallOptions,
): Promise<Answer<readonly string[]>> {
  const json = { variables: { tags: { all_: ownershipTags(owner) } }, limit: pageSize };
  const answer = await client.ask({ method: 'POST', path: '/variables/filter', json }, variablesAnswer, call);
  return answer.ok ? success(answer.value.map(({ name }) => name)) : answer;
}
