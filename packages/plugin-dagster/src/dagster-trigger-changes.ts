import { failure, success } from '@floe/core/outcome/outcome';
import type { DeployChange } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import { startScheduleAnswer, startSensorAnswer, stopScheduleAnswer, stopSensorAnswer } from './dagster-answers.js';
import type { Answer, DagsterClient } from './dagster-client.js';
import type { DeployedTrigger } from './dagster-deployed-state.js';
import { unauthorizedFault, unknownAnswerFault, faultOfPythonError } from './dagster-errors.js';
import type { PlannedTrigger, PlannedTriggers } from './dagster-drift.js';
import type { RepositoryName } from './dagster-locations.js';
import {
  StartScheduleDocument,
  StartSensorDocument,
  StopScheduleDocument,
  StopSensorDocument,
} from './generated/graphql.js';

/** A schedule or sensor that is on and should be off, or the other way round. */
export interface TriggerChange {
  readonly action: 'start' | 'stop';
  readonly kind: 'schedule' | 'sensor';
  readonly name: string;
  readonly stateId: string;
}

/** What must be switched; a trigger whose default is right already is none of them. */
export function triggerChanges(
  planned: PlannedTriggers,
  deployed: { readonly schedules: readonly DeployedTrigger[]; readonly sensors: readonly DeployedTrigger[] },
): TriggerChange[] {
  return [
    ...changesOf('schedule', planned.schedules, deployed.schedules),
    ...changesOf('sensor', planned.sensors, deployed.sensors),
  ];
}

function changesOf(
  kind: TriggerChange['kind'],
  planned: readonly PlannedTrigger[],
  deployed: readonly DeployedTrigger[],
): TriggerChange[] {
  const enabled = new Map(planned.map((trigger) => [trigger.name, trigger.enabled]));
  return deployed.flatMap(({ name, running, stateId }): TriggerChange[] => {
    const wanted = enabled.get(name) ?? running;
    return wanted === running ? [] : [{ action: wanted ? 'start' : 'stop', kind, name, stateId }];
  });
}

/** The change as the result of a deployment tells it. */
export function describeTriggerChange({ action, kind, name }: TriggerChange): DeployChange {
  return { action, object: `${kind} ${name}` };
}

/** Switches a schedule or sensor. Dagster starts by name and stops by the id of the state. */
export async function applyTriggerChange(
  client: DagsterClient,
  { location, repository }: RepositoryName,
  change: TriggerChange,
  call: CallOptions,
): Promise<Answer<void>> {
  const place = { repositoryLocationName: location, repositoryName: repository };
  if (change.kind === 'schedule') {
    if (change.action === 'start') {
      const schedule = { ...place, scheduleName: change.name };
      const answer = await client.execute(StartScheduleDocument, { schedule }, startScheduleAnswer, call);
      return answer.ok ? verdict(answer.value.startSchedule, 'ScheduleStateResult', change) : answer;
    }
    const answer = await client.execute(StopScheduleDocument, { id: change.stateId }, stopScheduleAnswer, call);
    return answer.ok ? verdict(answer.value.stopRunningSchedule, 'ScheduleStateResult', change) : answer;
  }
  if (change.action === 'start') {
    const sensor = { ...place, sensorName: change.name };
    const answer = await client.execute(StartSensorDocument, { sensor }, startSensorAnswer, call);
    return answer.ok ? verdict(answer.value.startSensor, 'Sensor', change) : answer;
  }
  const answer = await client.execute(StopSensorDocument, { id: change.stateId }, stopSensorAnswer, call);
  return answer.ok ? verdict(answer.value.stopSensor, 'StopSensorMutationResult', change) : answer;
}

type MutationAnswer =
  | { readonly __typename: 'ScheduleStateResult' | 'Sensor' | 'StopSensorMutationResult' }
  | {
      readonly __typename: 'ScheduleNotFoundError' | 'SensorNotFoundError' | 'UnauthorizedError';
      readonly message: string;
    }
  | ({ readonly __typename: 'PythonError' } & Parameters<typeof faultOfPythonError>[0])
  | { readonly __typename: 'other'; readonly name: string };

function verdict(answer: MutationAnswer, expected: string, change: TriggerChange): Answer<void> {
  switch (answer.__typename) {
    case 'UnauthorizedError':
      return failure(unauthorizedFault(answer.message));
    case 'PythonError':
      return failure(faultOfPythonError(answer));
    case 'ScheduleNotFoundError':
    case 'SensorNotFoundError':
      return failure({
        code: 'DEPLOYMENT_NOT_LOADED',
        message: `Dagster does not know the ${change.kind} ${change.name} any more.`,
        resolution: 'Deploy again.',
        retryable: false,
      });
    case 'other':
      return failure(unknownAnswerFault(`the request to ${change.action} a ${change.kind}`, answer.name));
    default:
      return answer.__typename === expected
        ? success(undefined)
        : failure(unknownAnswerFault(`the request to ${change.action} a ${change.kind}`, answer.__typename));
  }
}
