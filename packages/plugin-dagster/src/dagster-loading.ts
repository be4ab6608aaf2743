import type { BackendFault } from '@floe/core/execution/run-backend';
import { failure, success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { reloadLocationAnswer, reloadWorkspaceAnswer, type LocationEntry } from './dagster-answers.js';
import type { Answer, DagsterClient } from './dagster-client.js';
import {
  bundleHashOf,
  faultOfLocation,
  locationState,
  readJobs,
  readWorkspace,
  refusedFault,
  type RepositoryName,
} from './dagster-locations.js';
import { ReloadLocationDocument, ReloadWorkspaceDocument } from './generated/graphql.js';

/** Makes Dagster read workspace.yaml and every code location again. */
export async function reloadWorkspace(
  client: DagsterClient,
  call: CallOptions,
): Promise<Answer<readonly LocationEntry[]>> {
  const answer = await client.execute(ReloadWorkspaceDocument, {}, reloadWorkspaceAnswer, call);
  if (!answer.ok) return answer;
  const { reloadWorkspace: reloaded } = answer.value;
  if (reloaded.__typename === 'Workspace') return success(reloaded.locationEntries);
  return failure(refusedFault(reloaded, 'the request to reload the workspace'));
}

/** Makes Dagster load one code location again; how that went is for the caller to look at. */
export async function reloadLocation(
  client: DagsterClient,
  location: string,
  call: CallOptions,
): Promise<Answer<void>> {
  const answer = await client.execute(ReloadLocationDocument, { location }, reloadLocationAnswer, call);
  if (!answer.ok) return answer;
  const { reloadRepositoryLocation: reloaded } = answer.value;
  switch (reloaded.__typename) {
    case 'WorkspaceLocationEntry':
    case 'ReloadNotSupported':
      return success(undefined);
    case 'RepositoryLocationNotFound': {
      const fault = faultOfLocation({ kind: 'missing' }, location);
      return fault === undefined ? success(undefined) : failure(fault);
    }
    default:
      return failure(refusedFault(reloaded, 'the request to reload a code location'));
  }
}

export interface AwaitedBundle {
  readonly name: RepositoryName;
  /** The job whose tag tells the bundle. */
  readonly job: string;
  readonly hash: string;
  /** How the bundle comes to Dagster, for the message when it does not. */
  readonly rollOut: string;
}

const pauseMs = 300;
const longestPauseMs = 3_000;

/** Waits until Dagster reports the bundle; ends at once when its code location does not load. */
export async function waitForBundle(
  client: DagsterClient,
  awaited: AwaitedBundle,
  clock: Clock,
  call: CallOptions,
): Promise<Answer<void>> {
  const { name, job, hash, rollOut } = awaited;
  const end = clock.now() + call.timeoutMs;
  for (let pause = pauseMs; ; pause = Math.min(pause * 1.5, longestPauseMs)) {
    const loaded = await loadedBundle(client, name, job, { ...call, timeoutMs: Math.max(1, end - clock.now()) });
    if (loaded.ok && loaded.value.hash === hash) return success(undefined);
    const fault = loaded.ok ? loaded.value.fault : loaded.failure;
    if (fault?.retryable === false && fault.code !== 'DEPLOYMENT_MISSING') return failure(fault);
    const left = end - clock.now();
    if (left <= 0) {
      const running = loaded.ok ? (loaded.value.hash ?? 'no bundle of this product') : 'something unknown';
      return failure({
        code: 'DEPLOYMENT_NOT_LOADED',
        message: `Dagster has ${running}, planned is ${hash}${fault === undefined ? '' : `: ${fault.message}`}.`,
        resolution: rollOut,
        retryable: false,
      });
    }
    try {
      await clock.sleep(Math.min(pause, left), call.signal);
    } catch {
      return failure(cancelledFault);
    }
  }
}

/** The bundle that Dagster reports, and what is in the way if it reports none. */
export async function loadedBundle(
  client: DagsterClient,
  name: RepositoryName,
  job: string,
  call: CallOptions,
): Promise<Answer<{ readonly hash?: string; readonly fault?: BackendFault }>> {
  const jobs = await readJobs(client, name, call);
  if (!jobs.ok) return jobs;
  if (jobs.value !== undefined) {
    const hash = bundleHashOf(jobs.value, job);
    return success(hash === undefined ? {} : { hash });
  }
  const entries = await readWorkspace(client, call);
  if (!entries.ok) return entries;
  const fault = faultOfLocation(locationState(entries.value, name.location), name.location);
  return success(fault === undefined ? {} : { fault });
}

export const cancelledFault: BackendFault = {
  code: 'CANCELLED',
  message: 'The deployment was cancelled.',
  resolution: 'Deploy again: what is done already is left alone.',
  retryable: false,
};
