import { deadlineSignal } from '@floe/core/time/deadline-signal';
import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';

/** Asks a Dagster webserver; throws for anything but an answer of the expected shape. */
export async function askDagster<Value>(
  url: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  schema: z.ZodType<Value>,
  call: CallOptions,
): Promise<Value> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal: deadlineSignal(call),
  });
  const answer = z.looseObject({ data: z.unknown(), errors: z.unknown().optional() }).parse(await response.json());
  if (answer.errors !== undefined) throw new TypeError(`Dagster could not answer: ${JSON.stringify(answer.errors)}`);
  return schema.parse(answer.data);
}

export const reloadWorkspace = `mutation Reload {
  reloadWorkspace {
    __typename
    ... on Workspace {
      locationEntries { name locationOrLoadError { __typename ... on PythonError { message } } }
    }
    ... on PythonError { message }
  }
}`;

export const reloadWorkspaceAnswer = z.object({
  reloadWorkspace: z.looseObject({
    __typename: z.string(),
    message: z.string().optional(),
    locationEntries: z
      .array(
        z.object({
          name: z.string(),
          locationOrLoadError: z.object({ __typename: z.string(), message: z.string().optional() }).nullable(),
        }),
      )
      .optional(),
  }),
});

export const launchRun = `mutation Launch($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PipelineNotFoundError { message }
    ... on PythonError { message }
  }
}`;

export const launchRunAnswer = z.object({
  launchRun: z.looseObject({
    __typename: z.string(),
    message: z.string().optional(),
    run: z.object({ runId: z.string() }).optional(),
  }),
});

export const runStatus = `query Status($runId: ID!) {
  runOrError(runId: $runId) { __typename ... on Run { status startTime endTime } }
}`;

export const runStatusAnswer = z.object({
  runOrError: z.object({
    __typename: z.literal('Run'),
    status: z.string(),
    startTime: z.number().nullable(),
    endTime: z.number().nullable(),
  }),
});

export type RunStatus = z.infer<typeof runStatusAnswer>['runOrError'];

export const runEvents = `query Events($runId: ID!, $cursor: String) {
  logsForRun(runId: $runId, afterCursor: $cursor, limit: 1000) {
    __typename
    ... on EventConnection {
      cursor
      hasMore
      events {
        __typename
        ... on MessageEvent { timestamp message }
        ... on EngineEvent { metadataEntries { label ... on TextMetadataEntry { text } } }
        ... on AssetCheckEvaluationEvent { evaluation { success } }
      }
    }
  }
}`;

const event = z.object({
  __typename: z.string(),
  /** Milliseconds since the epoch. */
  timestamp: z.coerce.number(),
  message: z.string(),
  metadataEntries: z.array(z.object({ label: z.string(), text: z.string().optional() })).optional(),
  evaluation: z.object({ success: z.boolean() }).optional(),
});

export const runEventsAnswer = z.object({
  logsForRun: z.object({
    __typename: z.literal('EventConnection'),
    cursor: z.string(),
    hasMore: z.boolean(),
    events: z.array(event),
  }),
});

/** An event of a run's log. */
export type DagsterEvent = z.infer<typeof event>;
