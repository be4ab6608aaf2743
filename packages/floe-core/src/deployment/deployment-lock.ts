import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PluginExecutionError } from '../errors/floe-error.js';
import { acquireLock } from '../process/lock-file.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';

export interface DeploymentLock {
  readonly product: string;
  /** The delivery folder, when there is one; else the lock holds for this machine. */
  readonly directory: string | undefined;
  readonly url: string;
  readonly clock: Clock;
}

/** Longest wait for another deployment of the same product, in milliseconds. */
const longestWaitMs = 60_000;

/** Runs one deployment of a product at a time. @throws PluginExecutionError DEPLOYMENT_LOCKED */
export async function withDeploymentLock<Value>(
  lock: DeploymentLock,
  call: CallOptions,
  work: () => Promise<Value>,
): Promise<Value> {
  const held = await acquireLock(
    lockFile(lock),
    { clock: lock.clock },
    {
      signal: call.signal,
      timeoutMs: Math.min(call.timeoutMs, longestWaitMs),
    },
  );
  if (!held.ok) {
    throw new PluginExecutionError({
      code: held.failure === 'cancelled' ? 'CANCELLED' : 'DEPLOYMENT_LOCKED',
      message: `Another deployment of ${lock.product} is under way.`,
      resolution: 'Wait until it has ended, then deploy again.',
    });
  }
  try {
    return await work();
  } finally {
    await held.value.release();
  }
}

function lockFile({ directory, url, product }: DeploymentLock): string {
  if (directory !== undefined) return join(directory, '.locks', `${product}.lock`);
  const name = createHash('sha256').update(`${url}\n${product}`).digest('hex').slice(0, 32);
  return join(tmpdir(), `floe-deployment-${name}.lock`);
}
