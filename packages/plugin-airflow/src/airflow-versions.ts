import type { KnownVersions } from '@floe/core/connection/judge-version';
import { success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { versionAnswer } from './airflow-answers.js';
import { apiPath, type AirflowClient, type Answer } from './airflow-client.js';

/** The release that the locks, the tests and the images use. */
export const airflowVersion = '3.3.2';
/** Releases that are supported. */
export const knownAirflowVersions: KnownVersions = {
  title: 'Airflow',
  oldest: [3, 3],
  supported: '>=3.3.0 <4.0.0',
};

/** The release of a server. */
export async function readVersion(client: AirflowClient, call: CallOptions): Promise<Answer<string>> {
  const answer = await client.send({ method: 'GET', path: apiPath('version'), anonymous: true }, versionAnswer, call);
  return answer.ok ? success(answer.value.version) : answer;
}

/** `3.3` of `3.3.2`. */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
