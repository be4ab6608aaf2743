import { describe, expect, it } from '@jest/globals';
import { recordedData } from '../tests/support/dagster-recordings.js';
import { runLogsAnswer, type DagsterEvent } from './dagster-answers.js';
import { causeOfEvent, type FailureCause } from './dagster-failure-cause.js';

type EventFields = Partial<DagsterEvent> & { readonly __typename: string };

function event(fields: EventFields): DagsterEvent {
  return { message: '', level: 'INFO', ...fields };
}

function errorOf(
  className: string,
  message: string,
  ...causes: [string, string][]
): NonNullable<DagsterEvent['error']> {
  return {
    className,
    message,
    errorChain: causes.map(([name, text]) => ({ isExplicitLink: true, error: { className: name, message: text } })),
  };
}

const killed =
  '[DagsterApiServer] Run execution process for 58128db6 was terminated by signal 9 (SIGKILL). This usually indicates that the process was killed by the operating system due to running out of memory. Possible solutions include increasing the amount of memory available to the run.';

describe('causeOfEvent', () => {
  it.each<[string, EventFields, FailureCause['kind'], string, string]>([
    [
      'a killed process, without the guesses of Dagster',
      { __typename: 'EngineEvent', message: killed },
      'lost',
      'worker_lost',
      '[DagsterApiServer] Run execution process for 58128db6 was terminated by signal 9 (SIGKILL).',
    ],
    [
      'a process that left',
      {
        __typename: 'EngineEvent',
        message: '[DagsterApiServer] Run execution process for 58128db6 unexpectedly exited with exit code 1.',
      },
      'lost',
      'worker_lost',
      '[DagsterApiServer] Run execution process for 58128db6 unexpectedly exited with exit code 1.',
    ],
    [
      'a worker that the monitoring misses',
      { __typename: 'RunFailureEvent', message: 'Detected run worker status: worker is unhealthy' },
      'lost',
      'worker_lost',
      'Detected run worker status: worker is unhealthy',
    ],
    [
      'a job of Kubernetes that is gone',
      { __typename: 'RunFailureEvent', message: 'Run worker failed: job dagster-run-58128db6 not found' },
      'lost',
      'worker_lost',
      'Run worker failed: job dagster-run-58128db6 not found',
    ],
    [
      'the time limit, while it cancels',
      { __typename: 'RunCancelingEvent', message: 'Canceling due to exceeding maximum runtime of 5 seconds.' },
      'timed_out',
      'dagster_time_limit',
      'Canceling due to exceeding maximum runtime of 5 seconds.',
    ],
    [
      'the time limit, at the end',
      { __typename: 'RunFailureEvent', message: 'Exceeded maximum runtime of 5 seconds' },
      'timed_out',
      'dagster_time_limit',
      'Exceeded maximum runtime of 5 seconds',
    ],
    [
      'a start that takes too long',
      {
        __typename: 'RunFailureEvent',
        message: 'Run timed out due to taking longer than 180 seconds to start.',
      },
      'lost',
      'start_timeout',
      'Run timed out due to taking longer than 180 seconds to start.',
    ],
    [
      'an image that is not there',
      { __typename: 'EngineEvent', message: 'Container waiting: ImagePullBackOff' },
      'lost',
      'image_not_pulled',
      'Container waiting: ImagePullBackOff',
    ],
    [
      'a launcher without rights, told by the error and not by the message',
      {
        __typename: 'EngineEvent',
        message: 'Caught an error for run 58128db6 while removing it from the queue.',
        error: errorOf(
          'ApiException',
          'kubernetes.client.exceptions.ApiException: jobs.batch is forbidden: User "dagster" cannot create resource',
        ),
      },
      'lost',
      'launcher_forbidden',
      'Caught an error for run 58128db6 while removing it from the queue. ApiException: jobs.batch is forbidden: User "dagster" cannot create resource',
    ],
    [
      'an error outside of the loader, by its deepest cause',
      {
        __typename: 'ExecutionStepFailureEvent',
        message: 'Execution of step "shop_dbt" failed.',
        error: errorOf(
          'DagsterExecutionStepExecutionError',
          'dagster._core.errors.DagsterExecutionStepExecutionError: Error occurred while executing op "shop_dbt"::\n',
          ['RuntimeError', 'RuntimeError: outer\n'],
          ['KeyError', "KeyError: 'missing'\n"],
        ),
      },
      'failed',
      'loader_failed',
      "KeyError: 'missing'",
    ],
    [
      'a resource that does not come up',
      {
        __typename: 'ResourceInitFailureEvent',
        message: 'Initialization of resources [io_manager] failed.',
        error: errorOf('DagsterResourceFunctionError', 'Error executing resource_fn\n', [
          'OSError',
          'OSError: disk full',
        ]),
      },
      'failed',
      'loader_failed',
      'OSError: disk full',
    ],
  ])('tells %s', (_name, fields, kind, cause, message) => {
    const found = causeOfEvent(event(fields));
    expect(found).toMatchObject({ kind, diagnosis: { cause, message } });
    expect(found?.diagnosis?.resolution).toMatch(/\.$/u);
  });

  it.each<[string, EventFields]>([
    ['the start of a process', { __typename: 'EngineEvent', message: 'Started process for run (pid: 3379).' }],
    ['a failure without an error', { __typename: 'RunFailureEvent', message: "Steps failed: ['shop_dbt']." }],
    [
      'a failure of the loader, which has a record',
      {
        __typename: 'ExecutionStepFailureEvent',
        message: 'Execution of step "shop_dbt" failed.',
        error: errorOf('Failure', 'dagster._core.definitions.events.Failure: 1 of 3 nodes failed\n'),
      },
    ],
    [
      'an interruption, the effect of a cancellation',
      {
        __typename: 'ExecutionStepFailureEvent',
        message: 'Execution of step "shop_dbt" failed.',
        error: errorOf('DagsterExecutionInterruptedError', 'dagster._core.errors.DagsterExecutionInterruptedError\n'),
      },
    ],
    [
      'an error of the engine that no rule knows',
      { __typename: 'EngineEvent', message: 'Error while cleaning up', error: errorOf('OSError', 'OSError: busy') },
    ],
    ['the same words in the log of a node', { __typename: 'LogMessageEvent', message: killed }],
    ['the same words in a kind of event that is not known', { __typename: 'QuantumEvent', message: killed }],
  ])('says nothing about %s', (_name, fields) => {
    expect(causeOfEvent(event(fields))).toBeUndefined();
  });

  it.each(['logs-failure', 'logs-max-runtime-exceeded'])('has no stack and no path in what it says of %s', (name) => {
    const { logsForRun } = runLogsAnswer.parse(recordedData(name));
    const events = logsForRun.__typename === 'EventConnection' ? logsForRun.events : [];
    const found = events.flatMap((one) => causeOfEvent(one)?.diagnosis ?? []);
    expect(found).not.toHaveLength(0);
    for (const { message, resolution } of found)
      expect(`${message} ${resolution}`).not.toMatch(/Traceback|File "|\.py/u);
  });

  it('has no stack in its message when the error brings one', () => {
    const stack = 'KeyError: 1\n\nStack Trace:\n  File "/opt/app/x.py", line 3, in run\n    raise KeyError(1)\n';
    const found = causeOfEvent(event({ __typename: 'ExecutionStepFailureEvent', error: errorOf('KeyError', stack) }));
    expect(found?.diagnosis?.message).toBe('KeyError: 1');
  });
});
