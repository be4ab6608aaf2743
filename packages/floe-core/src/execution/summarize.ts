import { exitCodeOf, type ErrorCode } from '../errors/error-codes.js';
import type { JobResult, RunStatus } from './job-result.js';

const codes: Readonly<Record<Exclude<RunStatus, 'succeeded' | 'failed'>, ErrorCode>> = {
  timed_out: 'RUN_TIMED_OUT',
  cancelled: 'RUN_CANCELLED',
  lost: 'RUN_LOST',
};

/**
 * Exit status of the `floe` command for a run: 0 success, also with warnings; 1 failed; 2 another bundle ran than
 * planned; 3 lost, or stuck in the queue or at the start; 4 its time limit; 130 cancelled by anyone.
 */
export function exitCodeOfResult({ status, error }: Pick<JobResult, 'status' | 'error'>): number {
  if (status === 'succeeded') return 0;
  // whatever the reason inside the run, to its caller it is a run that failed
  if (status === 'failed') return exitCodeOf(error?.code === 'DEPLOYMENT_STALE' ? error.code : 'RUN_FAILED');
  return exitCodeOf(error?.code ?? codes[status]);
}
