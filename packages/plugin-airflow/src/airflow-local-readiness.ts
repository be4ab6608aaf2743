import type { Readiness } from '@floe/core/local-platform/local-platform';
import type { CallOptions } from '@floe/core/time/call-options';
import { dagAnswer, healthAnswer, type Health } from './airflow-answers.js';
import { apiPath, type AirflowClient } from './airflow-client.js';
import { sentinelDagId } from './airflow-dags-folder.js';

/**
 * Ready when every part has sent a heartbeat since the start (an older one may be left from an earlier life), the
 * password is taken, and the sentinel's DAG was parsed.
 * @param startedAt milliseconds since the epoch
 */
export async function readiness(client: AirflowClient, startedAt: number, call: CallOptions): Promise<Readiness> {
  const health = await client.send(
    { method: 'GET', path: apiPath('monitor', 'health'), anonymous: true },
    healthAnswer,
    call,
  );
  if (!health.ok) return { ready: false, waitsFor: 'the API server' };
  const silent = silentPart(health.value, startedAt);
  if (silent !== undefined) return { ready: false, waitsFor: silent };
  const sentinel = await client.send({ method: 'GET', path: apiPath('dags', sentinelDagId) }, dagAnswer, call);
  return sentinel.ok ? { ready: true } : { ready: false, waitsFor: 'the first DAG' };
}

function silentPart({ scheduler, triggerer, dag_processor: processor }: Health, startedAt: number): string | undefined {
  const beats = [
    ['the scheduler', scheduler.latest_scheduler_heartbeat],
    ['the DAG processor', processor?.latest_dag_processor_heartbeat],
    ['the triggerer', triggerer?.latest_triggerer_heartbeat],
  ] as const;
  return beats.find(([, beat]) => beat == null || Date.parse(beat) < startedAt)?.[0];
}
