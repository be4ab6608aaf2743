import { failure, success } from '@floe/core/outcome/outcome';
import type { DeployChange } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import { automationSchema, deploymentSchema, flowSchema, type Automation, type Deployment } from './prefect-answers.js';
import type { Answer, PrefectClient } from './prefect-client.js';
import type { DeployedState } from './prefect-deployed-state.js';
import { deploymentDifferences, isSameAutomation, lacksLabels, scheduleChanges } from './prefect-drift.js';
import { ownershipTags } from './prefect-names.js';
import {
  withDeploymentIds,
  type PlannedAutomation,
  type PlannedDeployment,
  type PlannedObjects,
  type PlannedSchedule,
} from './prefect-planned-objects.js';

/** One step towards the plan, and how it is taken. */
export interface Change extends DeployChange {
  /** Names of fields, for people; empty for creations and deletions. */
  readonly fields: readonly string[];
  apply(client: PrefectClient, call: CallOptions): Promise<Answer<void>>;
}

/** Steps for the deployments and their schedules: creations first, deletions last. */
export function deploymentChanges(planned: PlannedObjects, state: DeployedState): Change[] {
  return planned.deployments.flatMap((deployment) => {
    const deployed = state.deployments.get(deployment.role);
    return deployed === undefined || lacksLabels(deployment, deployed)
      ? [creation(deployment, deployed)]
      : [...update(deployment, deployed), ...scheduleUpdates(deployment, deployed)];
  });
}

/** Steps for the automations, and the end of what is not planned any more; needs the ids of the deployments. */
export function automationChanges(planned: PlannedObjects, state: DeployedState): Change[] {
  const ids = new Map([...state.deployments].map(([role, { id }]) => [role, id]));
  const kept = new Set<string>();
  const own = ownershipTags(planned);
  const isOwn = ({ tags }: Automation): boolean => own.every((tag) => tags.includes(tag));
  const changes: Change[] = [];
  for (const template of planned.automations) {
    const automation = withDeploymentIds(template, ids);
    const named = state.automations.filter(({ name }) => name === automation.name);
    const first = named.find(isOwn) ?? named[0];
    if (first === undefined) changes.push(automationCreation(automation));
    else {
      kept.add(first.id);
      if (!isSameAutomation(automation, first)) changes.push(automationUpdate(automation, first));
    }
  }
  // Another one that only has a planned name is not ours to delete.
  const stray = state.automations.filter((automation) => !kept.has(automation.id) && isOwn(automation));
  return [
    ...changes,
    ...stray.map((automation) => deletion('automation', automation.name, `/automations/${automation.id}`)),
    ...state.strayDeployments.map(deploymentDeletion),
    ...state.cursors.filter((name) => !planned.cursors.includes(name)).map(cursorDeletion),
  ];
}

export function deploymentDeletion({ id, name }: Deployment): Change {
  return deletion('deployment', name, `/deployments/${id}`);
}

export function automationDeletion({ id, name }: Automation): Change {
  return deletion('automation', name, `/automations/${id}`);
}

export function cursorDeletion(name: string): Change {
  return deletion('variable', name, `/variables/name/${encodeURIComponent(name)}`);
}

/** Prefect makes or replaces a deployment with one call; only that call can set labels. */
function creation(planned: PlannedDeployment, deployed: Deployment | undefined): Change {
  return {
    action: deployed === undefined ? 'create' : 'update',
    object: describe(planned),
    fields: deployed === undefined ? [] : ['labels'],
    async apply(client, call) {
      const flow = await client.ask(
        { method: 'POST', path: '/flows/', json: { name: planned.flow, tags: planned.tags }, repeatable: true },
        flowSchema,
        call,
      );
      if (!flow.ok) return flow;
      const json = {
        name: planned.name,
        flow_id: flow.value.id,
        version: planned.version,
        description: planned.description,
        paused: false,
        entrypoint: planned.entrypoint,
        parameters: planned.parameters,
        parameter_openapi_schema: planned.parameter_openapi_schema,
        enforce_parameter_schema: true,
        concurrency_limit: planned.concurrency_limit,
        concurrency_options: planned.concurrency_options,
        job_variables: planned.job_variables,
        tags: planned.tags,
        labels: planned.labels,
        pull_steps: planned.pullSteps,
        work_pool_name: planned.workPool,
        work_queue_name: planned.workQueue,
        schedules: planned.schedules,
      };
      const answer = await client.ask(
        { method: 'POST', path: '/deployments/', json, repeatable: true },
        deploymentSchema,
        call,
      );
      return answer.ok ? success(undefined) : failure(answer.failure);
    },
  };
}

function update(planned: PlannedDeployment, deployed: Deployment): Change[] {
  const json = deploymentDifferences(planned, deployed);
  const fields = Object.keys(json);
  if (fields.length === 0) return [];
  const path = `/deployments/${deployed.id}`;
  return [
    {
      action: 'update',
      object: describe(planned),
      fields,
      apply: (client, call) => client.tell({ method: 'PATCH', path, json, repeatable: true }, call),
    },
  ];
}

function scheduleUpdates(planned: PlannedDeployment, deployed: Deployment): Change[] {
  const { added, changed, deleted } = scheduleChanges(planned.schedules, deployed.schedules);
  const path = `/deployments/${deployed.id}/schedules`;
  return [
    ...added.map((schedule): Change => ({
      action: 'create',
      object: `schedule ${schedule.slug}`,
      fields: [],
      // A slug can be taken once: a second try after a lost answer is refused, and the next look finds it there.
      apply: (client, call) => client.tell({ method: 'POST', path, json: [schedule] }, call),
    })),
    ...changed.map(({ id, planned: schedule }): Change => ({
      action: 'update',
      object: `schedule ${schedule.slug}`,
      fields: [],
      apply: (client, call) =>
        client.tell({ method: 'PATCH', path: `${path}/${id}`, json: withoutSlug(schedule), repeatable: true }, call),
    })),
    ...deleted.map(({ id, slug }) => deletion('schedule', slug ?? id, `${path}/${id}`)),
  ];
}

function withoutSlug({ active, schedule, parameters }: PlannedSchedule): Omit<PlannedSchedule, 'slug'> {
  return { active, schedule, parameters };
}

function automationCreation(automation: PlannedAutomation): Change {
  return {
    action: 'create',
    object: `automation ${automation.name}`,
    fields: [],
    async apply(client, call) {
      const answer = await client.ask(
        { method: 'POST', path: '/automations/', json: automation },
        automationSchema,
        call,
      );
      return answer.ok ? success(undefined) : failure(answer.failure);
    },
  };
}

function automationUpdate(automation: PlannedAutomation, { id }: Automation): Change {
  return {
    action: 'update',
    object: `automation ${automation.name}`,
    fields: [],
    apply: (client, call) => client.tell({ method: 'PUT', path: `/automations/${id}`, json: automation }, call),
  };
}

/** Something that is gone already is deleted. */
function deletion(kind: string, name: string, path: string): Change {
  return {
    action: 'delete',
    object: `${kind} ${name}`,
    fields: [],
    async apply(client, call) {
      const answer = await client.tell({ method: 'DELETE', path }, call);
      const isGone = !answer.ok && answer.failure.status === 404;
      return isGone ? success(undefined) : answer;
    },
  };
}

function describe({ flow, name }: PlannedDeployment): string {
  return `deployment ${flow}/${name}`;
}
