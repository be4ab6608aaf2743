import type { Readiness } from '@floe/core/local-platform/local-platform';
import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';
import { instanceHealthAnswer } from './dagster-answers.js';
import type { DagsterClient } from './dagster-client.js';
import { InstanceHealthDocument } from './generated/graphql.js';

const serverInfo = z.looseObject({ dagster_version: z.string() });

/**
 * Ready when the webserver tells its version and every required daemon has sent a heartbeat since the start; an older
 * one may be left from an earlier life.
 * @param startedAt milliseconds since the epoch
 */
export async function readiness(client: DagsterClient, startedAt: number, call: CallOptions): Promise<Readiness> {
  const info = await client.get('/server_info', call);
  if (!info.ok || !isServerInfo(info.value.text)) return { ready: false, waitsFor: 'the webserver' };
  const health = await client.execute(InstanceHealthDocument, {}, instanceHealthAnswer, call);
  if (!health.ok) return { ready: false, waitsFor: 'the answer of the webserver' };
  const silent = health.value.instance.daemonHealth.allDaemonStatuses.find(
    ({ required, lastHeartbeatTime }) => required && (lastHeartbeatTime ?? 0) * 1_000 < startedAt,
  );
  return silent === undefined ? { ready: true } : { ready: false, waitsFor: `the daemon ${silent.daemonType}` };
}

function isServerInfo(text: string): boolean {
  try {
    return serverInfo.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
