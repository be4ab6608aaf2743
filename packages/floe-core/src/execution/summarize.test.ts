import { describe, expect, it } from '@jest/globals';
import type { ErrorCode } from '../errors/error-codes.js';
import type { RunStatus } from './job-result.js';
import { exitCodeOfResult } from './summarize.js';

describe('exitCodeOfResult', () => {
  it.each<[RunStatus, ErrorCode | undefined, number]>([
    ['succeeded', undefined, 0],
    ['failed', 'RUN_FAILED', 1],
    ['failed', 'RUN_INCOMPLETE', 1],
    ['failed', 'DBT_PARSE_FAILED', 1],
    ['failed', undefined, 1],
    ['failed', 'DEPLOYMENT_STALE', 2],
    ['lost', 'RUN_LOST', 3],
    ['lost', 'FINISH_TIMEOUT', 3],
    ['lost', undefined, 3],
    ['timed_out', 'QUEUE_TIMEOUT', 3],
    ['timed_out', 'START_TIMEOUT', 3],
    ['timed_out', 'RUN_TIMED_OUT', 4],
    ['cancelled', 'RUN_CANCELLED', 130],
    ['cancelled', 'RUN_BUSY', 3],
    ['cancelled', undefined, 130],
  ])('%s with %s is %i', (status, code, exitCode) => {
    const error = code === undefined ? {} : { error: { code, message: '', resolution: '', context: {} } };
    expect(exitCodeOfResult({ status, ...error })).toBe(exitCode);
  });
});
