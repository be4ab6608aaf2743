import type { BackendFault } from '@floe/core/execution/run-backend';
import { failure, success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { dagAnswer, dagsAnswer, healthAnswer, importErrorsAnswer, type Dag } from './airflow-answers.js';
import { anyAnswer, apiPath, type AirflowClient, type Answer } from './airflow-client.js';
import { sentinelDagId } from './airflow-dags-folder.js';
import { importCause } from './airflow-errors.js';
import { bundleHashOfTags } from './airflow-names.js';

/** One DAG; undefined when Airflow does not know it. */
export async function readDag(
  client: AirflowClient,
  dagId: string,
  call: CallOptions,
): Promise<Answer<Dag | undefined>> {
  const answer = await client.send({ method: 'GET', path: apiPath('dags', dagId) }, dagAnswer, call);
  return answer.ok || answer.failure.status !== 404 ? answer : success(undefined);
}

/** The bundle of a DAG that can be run; undefined when its file is broken or gone. */
export function loadedHash(dag: Dag | undefined): string | undefined {
  if (dag === undefined || dag.is_stale || dag.has_import_errors) return undefined;
  return bundleHashOfTags(dag.tags.map(({ name }) => name));
}

/** What stands in the way of a run: no DAG, a broken file, another bundle, a paused DAG. */
export async function checkDeployment(
  client: AirflowClient,
  dagId: string,
  expectedHash: string | null,
  call: CallOptions,
): Promise<BackendFault | undefined> {
  const dag = await readDag(client, dagId, call);
  if (!dag.ok) return dag.failure;
  const hash = loadedHash(dag.value);
  if (dag.value === undefined || hash === undefined) {
    return (await brokenFile(client, dagId, dag.value, call)) ?? missingDag(dagId, dag.value);
  }
  if (expectedHash !== null && hash !== expectedHash) {
    return {
      code: 'DEPLOYMENT_STALE',
      message: `Airflow has ${hash}, but the run was planned with ${expectedHash}.`,
      resolution: 'Deploy the product (`floe deploy`), then run again.',
      retryable: false,
    };
  }
  if (!dag.value.is_paused) return undefined;
  return {
    code: 'PLATFORM_REFUSED',
    message: `The DAG ${dagId} is paused in Airflow, so that a run of it would never begin.`,
    resolution: 'Switch it on in Airflow, or deploy the product again (`floe deploy`).',
    retryable: false,
  };
}

function missingDag(dagId: string, dag: Dag | undefined): BackendFault {
  return {
    code: 'DEPLOYMENT_MISSING',
    message:
      dag === undefined
        ? `Airflow has no DAG ${dagId}.`
        : dag.is_stale
          ? `Airflow has lost the file of the DAG ${dagId}.`
          : `The DAG ${dagId} of Airflow was not made by floe.`,
    resolution: 'Deploy the product first (`floe deploy`), and check that the account may see its DAG.',
    retryable: false,
  };
}

/**
 * Why the file of a product does not load, by Airflow's own import errors.
 * @param dag what Airflow last knew of the product's DAG
 */
export async function brokenFile(
  client: AirflowClient,
  dagId: string,
  dag: Dag | undefined,
  call: CallOptions,
): Promise<BackendFault | undefined> {
  const query = { order_by: '-timestamp', limit: 100 };
  const answer = await client.send({ method: 'GET', path: apiPath('importErrors'), query }, importErrorsAnswer, call);
  if (!answer.ok) return undefined;
  const errors = answer.value.import_errors;
  const error =
    errors.find(({ filename }) => filename === dag?.relative_fileloc || isFileOf(dagId, filename)) ??
    errors.find(({ filename }) => filename === loaderFile || filename.endsWith(`floe/${loaderFile}`));
  if (error === undefined) return undefined;
  const { message, place } = importCause(error.stack_trace);
  return {
    code: 'DEPLOYMENT_NOT_LOADED',
    message: `${error.filename} does not load in Airflow: ${message}${place === undefined ? '' : ` (${place})`}`,
    resolution: "Mend what the message says (often a package that Airflow's environment lacks), then deploy again.",
    retryable: false,
  };
}

/** The one file of a bundle that Airflow parses. In an image it lies in the folder `floe`, in a repository at the top. */
const loaderFile = 'floe_dag.py';

/** In a delivery folder the product's own has its name, wherever the delivery folder lies in the DAGs folder. */
function isFileOf(dagId: string, filename: string): boolean {
  return filename.split('/').slice(0, -1).includes(dagId);
}

/**
 * Asks Airflow to list its DAG files again and to parse the product's. Any known file of the same DAG bundle will do:
 * the product's own, else floe's sentinel, else one of each bundle, since nobody knows yet to which ours will belong.
 * @returns false when Airflow knows no file that could be asked for
 */
export async function requestParsing(
  client: AirflowClient,
  dagId: string,
  call: CallOptions,
): Promise<Answer<boolean>> {
  for (const candidate of [dagId, sentinelDagId]) {
    const dag = await readDag(client, candidate, call);
    if (!dag.ok) return dag;
    if (dag.value?.is_stale === false && dag.value.file_token !== null) {
      return requestFile(client, dag.value.file_token, call);
    }
  }
  const dags = await client.send({ method: 'GET', path: apiPath('dags'), query: { limit: 100 } }, dagsAnswer, call);
  if (!dags.ok) return dags;
  const tokens = new Map(dags.value.dags.map(({ bundle_name: bundle, file_token: token }) => [bundle, token]));
  let asked = false;
  for (const token of tokens.values()) {
    if (token === null) continue;
    const answer = await requestFile(client, token, call);
    if (!answer.ok) return answer;
    asked = true;
  }
  return success(asked);
}

async function requestFile(client: AirflowClient, token: string, call: CallOptions): Promise<Answer<boolean>> {
  const answer = await client.send({ method: 'PUT', path: apiPath('parseDagFile', token) }, anyAnswer, call);
  // 409: the same request is waiting already.
  return answer.ok || answer.failure.status === 409 ? success(true) : answer;
}

export interface AwaitedBundle {
  readonly dagId: string;
  /** Every DAG of the product; all must show the bundle. */
  readonly dagIds: readonly string[];
  readonly hash: string;
  /** How the bundle comes to Airflow, for the message when it does not. */
  readonly rollOut: string;
}

const pauseMs = 300;
const longestPauseMs = 3_000;
/** Between two requests to parse: one may come before the file, or be lost with a DAG processor. */
const askAgainMs = 15_000;
/** An import error must stay this long: Airflow may have read the file in the moment of the change. */
const errorSettleMs = 4_000;

/** Waits until Airflow shows the bundle in every DAG of the product; ends early when its file does not load. */
export async function waitForBundle(
  client: AirflowClient,
  awaited: AwaitedBundle,
  clock: Clock,
  call: CallOptions,
): Promise<Answer<void>> {
  const end = clock.now() + call.timeoutMs;
  const left = (): CallOptions => ({ ...call, timeoutMs: Math.max(1, end - clock.now()) });
  let askedAt = -Infinity;
  let brokenSince: number | undefined;
  for (let pause = pauseMs; ; pause = Math.min(pause * 1.3, longestPauseMs)) {
    if (clock.now() - askedAt >= askAgainMs) {
      const asked = await requestParsing(client, awaited.dagId, left());
      if (!asked.ok && !asked.failure.retryable) return asked;
      askedAt = clock.now();
    }
    const missing = await missingBundles(client, awaited, left());
    if (missing.ok && missing.value.length === 0) return success(undefined);
    if (!missing.ok && !missing.failure.retryable) return missing;
    const broken = missing.ok ? await findBroken(client, awaited.dagId, left()) : undefined;
    brokenSince = broken === undefined ? undefined : (brokenSince ?? clock.now());
    if (broken !== undefined && brokenSince !== undefined && clock.now() - brokenSince >= errorSettleMs) {
      return failure(broken);
    }
    const rest = end - clock.now();
    if (rest <= 0) return failure(broken ?? (await notLoaded(client, awaited, missing, call)));
    try {
      await clock.sleep(Math.min(pause, rest), call.signal);
    } catch {
      return failure(cancelledFault);
    }
  }
}

async function findBroken(client: AirflowClient, dagId: string, call: CallOptions): Promise<BackendFault | undefined> {
  const dag = await readDag(client, dagId, call);
  return brokenFile(client, dagId, dag.ok ? dag.value : undefined, call);
}

/** The DAGs that do not show the bundle yet. */
async function missingBundles(
  client: AirflowClient,
  { dagIds, hash }: AwaitedBundle,
  call: CallOptions,
): Promise<Answer<string[]>> {
  const missing: string[] = [];
  for (const dagId of dagIds) {
    const dag = await readDag(client, dagId, call);
    if (!dag.ok) return dag;
    if (loadedHash(dag.value) !== hash) missing.push(dagId);
  }
  return success(missing);
}

async function notLoaded(
  client: AirflowClient,
  { dagId, hash, rollOut }: AwaitedBundle,
  missing: Answer<string[]>,
  call: CallOptions,
): Promise<BackendFault> {
  const last = { ...call, timeoutMs: 5_000 };
  const health = await client.send(
    { method: 'GET', path: apiPath('monitor', 'health'), anonymous: true },
    healthAnswer,
    last,
  );
  if (health.ok && health.value.dag_processor?.status !== 'healthy') {
    return {
      code: 'DEPLOYMENT_NOT_LOADED',
      message: "Airflow's DAG processor does not run, so that new files are not read.",
      resolution: 'Start it (`airflow dag-processor`) and look into its log, then deploy again.',
      retryable: false,
    };
  }
  const dag = await readDag(client, dagId, last);
  const running = dag.ok ? (loadedHash(dag.value) ?? 'no bundle of this product') : 'something unknown';
  const why = missing.ok ? '' : `: ${missing.failure.message}`;
  return {
    code: 'DEPLOYMENT_NOT_LOADED',
    message: `Airflow has ${running}, planned is ${hash}${why}.`,
    resolution: rollOut,
    retryable: false,
  };
}

export const cancelledFault: BackendFault = {
  code: 'CANCELLED',
  message: 'The deployment was cancelled.',
  resolution: 'Deploy again: what is done already is left alone.',
  retryable: false,
};
