import type { Readiness } from '@floe/core/local-platform/local-platform';
import type { CallOptions } from '@floe/core/time/call-options';
import { readyAnswer, workersAnswer } from './prefect-answers.js';
import type { PrefectClient } from './prefect-client.js';

/**
 * Ready when the server has its database and a worker of the pool has sent a heartbeat since the start; an older one may
 * be left from an earlier life.
 * @param startedAt milliseconds since the epoch
 */
export async function readiness(
  client: PrefectClient,
  pool: string,
  startedAt: number,
  call: CallOptions,
): Promise<Readiness> {
  const ready = await client.ask({ method: 'GET', path: '/ready', patient: false }, readyAnswer, call);
  if (!ready.ok) return { ready: false, waitsFor: 'the server' };
  const workers = await client.ask(
    { method: 'POST', path: `/work_pools/${encodeURIComponent(pool)}/workers/filter`, json: {}, patient: false },
    workersAnswer,
    call,
  );
  const isAlive =
    workers.ok && workers.value.some(({ last_heartbeat_time: time }) => time !== null && Date.parse(time) >= startedAt);
  return isAlive ? { ready: true } : { ready: false, waitsFor: 'the worker' };
}
