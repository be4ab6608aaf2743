import { describe, expect, it } from '@jest/globals';
import { recordedBody } from '../tests/support/prefect-recordings.js';
import { flowRunSchema, logSchema, type FlowRun, type PrefectLog } from './prefect-answers.js';
import { causeOf } from './prefect-failure-cause.js';

function log(message: string): PrefectLog {
  return logSchema.parse({ id: 'l', level: 40, message, timestamp: '2026-11-25T07:47:25Z' });
}

function ended(type: string, message: string): Pick<FlowRun, 'state_type' | 'state'> {
  return { state_type: type, state: { type, name: type, timestamp: null, message } };
}

const exit = 'Process exited with status code: 1. Process exited with a general error.';
const traceback = (last: string): string =>
  `Flow could not be retrieved from deployment.\nTraceback (most recent call last):\n  File "<frozen importlib._bootstrap>", line 241\n${last}`;

describe('causeOf', () => {
  it.each<[string, string, string, string[], string]>([
    ['heartbeat_lost', 'CRASHED', 'No sign of life for 90 seconds: the process of the run is gone.', [], 'lost'],
    [
      'process_killed',
      'CRASHED',
      'Flow run process exited with non-zero status code -9. ... SIGKILL ...',
      ['Process for flow run exited with status code: -9; This indicates a SIGKILL'],
      'lost',
    ],
    ['process_terminated', 'CRASHED', 'Process exited with status code: -15. SIGTERM', [], 'lost'],
    ['prefect_time_limit', 'FAILED', 'Flow run exceeded timeout of 120.0 second(s)', [], 'timed_out'],
    ['image_not_pulled', 'CRASHED', 'Pod failed', ['Failed to pull image "x": ErrImagePull'], 'failed'],
    ['worker_forbidden', 'CRASHED', 'x', ['jobs.batch is forbidden: User "system:serviceaccount:a" cannot'], 'failed'],
    [
      'directory_missing',
      'CRASHED',
      exit,
      [traceback("FileNotFoundError: [Errno 2] No such file or directory: '/srv/.bundles/shop/0123456789ab'")],
      'failed',
    ],
    ['clone_failed', 'CRASHED', exit, ['fatal: could not read Username'], 'failed'],
    [
      'environment_incomplete',
      'CRASHED',
      exit,
      [traceback("ModuleNotFoundError: No module named 'floe_runtime'")],
      'failed',
    ],
    [
      'entrypoint_broken',
      'CRASHED',
      exit,
      [traceback("AttributeError: module '__flow__' has no attribute 'product_flow'")],
      'failed',
    ],
    [
      'parameters_refused',
      'CRASHED',
      exit,
      [traceback("prefect.exceptions.SignatureMismatchError: Function expects parameters ['floe']")],
      'failed',
    ],
    [
      'parameters_refused',
      'FAILED',
      'Validation of flow parameters failed with error: ParameterTypeError: Flow run received invalid parameters:\n - n: Input',
      [],
      'failed',
    ],
    ['loader_failed', 'CRASHED', exit, [traceback("ModuleNotFoundError: No module named 'no_such_module'")], 'failed'],
    ['loader_failed', 'CRASHED', exit, [traceback('ZeroDivisionError: division by zero')], 'failed'],
    ['flow_failed', 'FAILED', 'Flow run encountered an exception: ValueError: asked to fail', [], 'failed'],
    ['not_prepared', 'CRASHED', exit, [], 'failed'],
    ['crashed', 'CRASHED', 'Infrastructure vanished.', [], 'lost'],
  ])('reads %s', (cause, type, message, errors, kind) => {
    const found = causeOf(ended(type, message), errors.map(log));
    expect(found).toMatchObject({ kind, diagnosis: { cause } });
    expect(found?.diagnosis.message).not.toMatch(/Traceback|File "/u);
    expect(found?.diagnosis.message.length).toBeGreaterThan(5);
    expect(found?.diagnosis.resolution.length).toBeGreaterThan(10);
  });

  it('says nothing of a run that simply ended', () => {
    expect(causeOf(ended('COMPLETED', ''), [])).toBeUndefined();
    expect(causeOf(ended('CANCELLED', ''), [])).toBeUndefined();
  });

  it.each([
    ['bad-directory', 'not_prepared'],
    ['bad-entrypoint', 'not_prepared'],
    ['run-failed', 'flow_failed'],
  ])('reads the recorded run %s without its log as %s', (name, cause) => {
    expect(causeOf(recordedBody(name, flowRunSchema), [])).toMatchObject({ diagnosis: { cause } });
  });
});
