import { z } from 'zod';

/**
 * What floe reads of Dagster's answers. Every schema takes more than it asks for: further fields, further kinds of
 * answers (`other`) and further words of an enumeration, so that a newer Dagster does not break a client.
 */

export const pythonErrorSchema = z.looseObject({
  className: z
    .string()
    .nullish()
    .transform((name) => name ?? null),
  message: z.string(),
  errorChain: z
    .array(
      z.looseObject({
        isExplicitLink: z.boolean(),
        error: z.looseObject({
          className: z
            .string()
            .nullish()
            .transform((name) => name ?? null),
          message: z.string(),
        }),
      }),
    )
    .nullish()
    .transform((chain) => chain ?? []),
});

const messageSchema = z.looseObject({ message: z.string() });

/** A member of a union: `member('Workspace', {…})`. */
function member<Name extends string, Shape extends z.ZodRawShape>(
  name: Name,
  shape: Shape,
): z.ZodObject<{ __typename: z.ZodLiteral<Name> } & Shape, z.core.$loose> {
  return z.looseObject({ __typename: z.literal(name), ...shape });
}

/** Any kind of answer that is not among those that floe knows. */
const other = z
  .looseObject({ __typename: z.string() })
  .transform(({ __typename }) => ({ __typename: 'other' as const, name: __typename }));

const pythonError = member('PythonError', pythonErrorSchema.shape);
const unauthorized = member('UnauthorizedError', messageSchema.shape);

const locationEntry = z.looseObject({
  name: z.string(),
  loadStatus: z.string(),
  updatedTimestamp: z.number(),
  locationOrLoadError: z
    .union([
      member('RepositoryLocation', {
        name: z.string(),
        repositories: z.array(z.looseObject({ name: z.string() })),
      }),
      pythonError,
      other,
    ])
    .nullable(),
});
export type LocationEntry = z.infer<typeof locationEntry>;

const workspace = member('Workspace', { locationEntries: z.array(locationEntry) });

export const workspaceAnswer = z.looseObject({ workspaceOrError: z.union([workspace, pythonError, other]) });

export const reloadWorkspaceAnswer = z.looseObject({
  reloadWorkspace: z.union([workspace, unauthorized, pythonError, other]),
});

export const reloadLocationAnswer = z.looseObject({
  reloadRepositoryLocation: z.union([
    z.looseObject({ __typename: z.literal('WorkspaceLocationEntry'), ...locationEntry.shape }),
    member('ReloadNotSupported', messageSchema.shape),
    member('RepositoryLocationNotFound', messageSchema.shape),
    unauthorized,
    pythonError,
    other,
  ]),
});

export const instanceHealthAnswer = z.looseObject({
  version: z.string(),
  instance: z.looseObject({
    runQueuingSupported: z.boolean(),
    runLauncher: z.looseObject({ name: z.string() }).nullable(),
    runQueueConfig: z
      .looseObject({ maxConcurrentRuns: z.number(), tagConcurrencyLimitsYaml: z.string().nullable() })
      .nullable(),
    supportsConcurrencyLimits: z.boolean(),
    daemonHealth: z.looseObject({
      allDaemonStatuses: z.array(
        z.looseObject({
          daemonType: z.string(),
          required: z.boolean(),
          lastHeartbeatTime: z.number().nullable(),
          lastHeartbeatErrors: z.array(pythonErrorSchema),
        }),
      ),
    }),
  }),
});
export type InstanceHealth = z.infer<typeof instanceHealthAnswer>;

export const permissionsAnswer = z.looseObject({
  permissions: z.array(
    z.looseObject({ permission: z.string(), value: z.boolean(), disabledReason: z.string().nullable() }),
  ),
});

const tag = z.looseObject({ key: z.string(), value: z.string() });

export const runFields = z.looseObject({
  runId: z.string(),
  jobName: z.string(),
  status: z.string(),
  /** Seconds since the epoch. */
  creationTime: z.number(),
  startTime: z.number().nullable(),
  endTime: z.number().nullable(),
  rootRunId: z.string().nullable(),
  parentRunId: z.string().nullable(),
  tags: z.array(tag),
});
export type RunFields = z.infer<typeof runFields>;

const runNotFound = member('RunNotFoundError', messageSchema.shape);

/** A run as `runOrError` gives it. */
export const runStateSchema = z.looseObject({ __typename: z.literal('Run'), ...runFields.shape });

const run = z.union([runStateSchema, runNotFound, pythonError, other]);

const key = z.looseObject({ path: z.array(z.string()) });

export const runSelectionAnswer = z.looseObject({
  runOrError: z.union([
    member('Run', {
      assetSelection: z.array(key).nullable(),
      assetCheckSelection: z.array(z.looseObject({ name: z.string(), assetKey: key })).nullable(),
    }),
    runNotFound,
    pythonError,
    other,
  ]),
});

export const runsAnswer = z.looseObject({
  runsOrError: z.union([
    member('Runs', { results: z.array(runFields) }),
    member('InvalidPipelineRunsFilterError', messageSchema.shape),
    pythonError,
    other,
  ]),
});

export const launchAnswer = z.looseObject({
  launchRun: z.union([
    member('LaunchRunSuccess', { run: z.looseObject({ runId: z.string() }) }),
    member('RunConfigValidationInvalid', { errors: z.array(messageSchema) }),
    member('PipelineNotFoundError', messageSchema.shape),
    member('InvalidSubsetError', messageSchema.shape),
    member('RunConflict', messageSchema.shape),
    member('ConflictingExecutionParamsError', messageSchema.shape),
    unauthorized,
    pythonError,
    other,
  ]),
});

export const terminateAnswer = z.looseObject({
  terminateRun: z.union([
    member('TerminateRunSuccess', { run: z.looseObject({ status: z.string() }) }),
    member('TerminateRunFailure', { message: z.string(), run: z.looseObject({ status: z.string() }) }),
    runNotFound,
    unauthorized,
    pythonError,
    other,
  ]),
});

const metadata = z.array(z.looseObject({ label: z.string(), text: z.string().optional() }));

const event = z.looseObject({
  __typename: z.string(),
  message: z.string().default(''),
  /** Milliseconds since the epoch, as text. */
  timestamp: z.string().optional(),
  level: z.string().default('INFO'),
  stepKey: z.string().nullish(),
  metadataEntries: metadata.optional(),
  evaluation: z.looseObject({ metadataEntries: metadata }).nullish(),
  failureMetadata: z.looseObject({ metadataEntries: metadata }).nullish(),
  error: pythonErrorSchema.nullish(),
});
export type DagsterEvent = z.infer<typeof event>;

const events = z.union([
  member('EventConnection', { cursor: z.string(), hasMore: z.boolean(), events: z.array(event) }),
  runNotFound,
  pythonError,
  other,
]);

export const runLogsAnswer = z.looseObject({ logsForRun: events });
export const runProgressAnswer = z.looseObject({ runOrError: run, logsForRun: events });

const repositoryNotFound = member('RepositoryNotFoundError', messageSchema.shape);

export const locationJobsAnswer = z.looseObject({
  repositoryOrError: z.union([
    member('Repository', { jobs: z.array(z.looseObject({ name: z.string(), tags: z.array(tag) })) }),
    repositoryNotFound,
    pythonError,
    other,
  ]),
});

const state = z.looseObject({ id: z.string(), status: z.string() });

export const locationTriggersAnswer = z.looseObject({
  repositoryOrError: z.union([
    member('Repository', {
      schedules: z.array(
        z.looseObject({
          name: z.string(),
          pipelineName: z.string(),
          cronSchedule: z.string(),
          executionTimezone: z.string().nullable(),
          defaultStatus: z.string(),
          scheduleState: state,
        }),
      ),
      sensors: z.array(
        z.looseObject({
          name: z.string(),
          minIntervalSeconds: z.number(),
          defaultStatus: z.string(),
          targets: z.array(z.looseObject({ pipelineName: z.string() })).nullable(),
          sensorState: state,
        }),
      ),
    }),
    repositoryNotFound,
    pythonError,
    other,
  ]),
});

export const locationAssetsAnswer = z.looseObject({
  repositoryOrError: z.union([
    member('Repository', {
      assetNodesConnection: z.looseObject({
        cursor: z.string().nullable(),
        hasMore: z.boolean(),
        nodes: z.array(
          z.looseObject({
            assetKey: key,
            isMaterializable: z.boolean(),
            dependencyKeys: z.array(key),
            opNames: z.array(z.string()),
            assetChecksOrError: z.union([
              member('AssetChecks', {
                checks: z.array(z.looseObject({ name: z.string(), jobNames: z.array(z.string()) })),
              }),
              other,
            ]),
          }),
        ),
      }),
    }),
    repositoryNotFound,
    pythonError,
    other,
  ]),
});

const scheduleNotFound = member('ScheduleNotFoundError', messageSchema.shape);
const changed = z.union([unauthorized, pythonError, other]);

export const startScheduleAnswer = z.looseObject({
  startSchedule: z.union([member('ScheduleStateResult', {}), scheduleNotFound, changed]),
});
export const stopScheduleAnswer = z.looseObject({
  stopRunningSchedule: z.union([member('ScheduleStateResult', {}), scheduleNotFound, changed]),
});
export const startSensorAnswer = z.looseObject({
  startSensor: z.union([member('Sensor', {}), member('SensorNotFoundError', messageSchema.shape), changed]),
});
export const stopSensorAnswer = z.looseObject({
  stopSensor: z.union([member('StopSensorMutationResult', {}), changed]),
});

export const poolLimitAnswer = z.looseObject({
  instance: z.looseObject({
    concurrencyLimit: z.looseObject({
      limit: z.number().nullable(),
      usingDefaultLimit: z.boolean().nullable(),
      slotCount: z.number(),
      claimedSlots: z.array(z.looseObject({ runId: z.string() })),
    }),
  }),
});
export const setPoolLimitAnswer = z.looseObject({ setConcurrencyLimit: z.boolean() });
