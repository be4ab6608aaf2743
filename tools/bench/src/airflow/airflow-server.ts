import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '@floe/core/time/call-options';
import { deadlineSignal } from '@floe/core/time/deadline-signal';
import { orchestratorPlugin } from '@floe/plugin-airflow';
import { z } from 'zod';
import { SharedPlatform } from '../platform/shared-platform.js';

const dagRun = z.looseObject({
  dag_run_id: z.string(),
  state: z.string(),
  start_date: z.string().nullable(),
  end_date: z.string().nullable(),
});

export type DagRun = z.infer<typeof dagRun>;

const taskInstance = z.looseObject({
  task_id: z.string(),
  state: z.string().nullable(),
  start_date: z.string().nullable(),
  end_date: z.string().nullable(),
});

export type TaskInstance = z.infer<typeof taskInstance>;

const taskInstances = z.looseObject({ task_instances: z.array(taskInstance), total_entries: z.number() });
const dag = z.looseObject({ is_paused: z.boolean() });
const importErrors = z.looseObject({ import_errors: z.array(z.looseObject({ stack_trace: z.string() })) });
const xcom = z.looseObject({ value: z.unknown() });
const token = z.looseObject({ access_token: z.string() });
const platformConfig = z.looseObject({ url: z.string(), credentials: z.string() });

const pollMs = 200;
const pageSize = 100;
const ended: ReadonlySet<string> = new Set(['success', 'failed']);

/** One real Airflow (API server, scheduler, DAG processor, triggerer, SQLite) for several contenders, each with a DAG. */
export class AirflowServer {
  readonly platform: SharedPlatform;
  #token: string | undefined;

  /** @param home an empty folder */
  constructor(home: string, binDirectory: string) {
    this.platform = new SharedPlatform(orchestratorPlugin, home, binDirectory);
  }

  /** Puts a folder with a DAG file among the others and waits until Airflow has it. */
  async addDag(dagId: string, folder: string, call: CallOptions): Promise<void> {
    const { directory } = await this.platform.running();
    await cp(folder, join(directory, dagId), { recursive: true });
    const end = performance.now() + call.timeoutMs;
    for (;;) {
      const found = await this.#tryAsk('GET', `/dags/${dagId}`, undefined, dag, call);
      if (found !== undefined && !found.is_paused) return;
      const { import_errors: errors } = await this.#ask('GET', '/importErrors', undefined, importErrors, call);
      const error = errors.find(({ stack_trace: trace }) => trace.includes(dagId));
      if (error !== undefined) throw new TypeError(`Airflow does not read ${dagId}: ${error.stack_trace}`);
      if (performance.now() > end) throw new TypeError(`Airflow does not show ${dagId}.`);
      await sleep(pollMs, undefined, { signal: call.signal });
    }
  }

  /** Starts a run of a DAG and waits for its end. */
  async run(dagId: string, call: CallOptions): Promise<DagRun> {
    const end = performance.now() + call.timeoutMs;
    const started = await this.#ask('POST', `/dags/${dagId}/dagRuns`, { logical_date: null }, dagRun, call);
    for (;;) {
      const run = await this.dagRun(dagId, started.dag_run_id, call);
      if (ended.has(run.state)) return run;
      if (performance.now() > end) throw new TypeError(`The run of ${dagId} is still ${run.state}.`);
      await sleep(pollMs, undefined, { signal: call.signal });
    }
  }

  async dagRun(dagId: string, runId: string, call: CallOptions): Promise<DagRun> {
    return this.#ask('GET', `/dags/${dagId}/dagRuns/${encodeURIComponent(runId)}`, undefined, dagRun, call);
  }

  /** All task instances of a run. */
  async taskInstances(dagId: string, runId: string, call: CallOptions): Promise<readonly TaskInstance[]> {
    const all: TaskInstance[] = [];
    for (;;) {
      const path = `/dags/${dagId}/dagRuns/${encodeURIComponent(runId)}/taskInstances?limit=${pageSize}&offset=${all.length}`;
      const page = await this.#ask('GET', path, undefined, taskInstances, call);
      all.push(...page.task_instances);
      if (page.task_instances.length === 0 || all.length >= page.total_entries) return all;
    }
  }

  /** What a task has left for others under a key. */
  async xcom(dagId: string, runId: string, task: string, key: string, call: CallOptions): Promise<unknown> {
    const path = `/dags/${dagId}/dagRuns/${encodeURIComponent(runId)}/taskInstances/${task}/xcomEntries/${key}`;
    return (await this.#ask('GET', path, undefined, xcom, call)).value;
  }

  async #ask<Value>(
    method: string,
    path: string,
    body: unknown,
    schema: z.ZodType<Value>,
    call: CallOptions,
  ): Promise<Value> {
    const answer = await this.#tryAsk(method, path, body, schema, call);
    if (answer === undefined) throw new TypeError(`Airflow does not know ${path}.`);
    return answer;
  }

  /** undefined for 404. */
  async #tryAsk<Value>(
    method: string,
    path: string,
    body: unknown,
    schema: z.ZodType<Value>,
    call: CallOptions,
  ): Promise<Value | undefined> {
    const { url } = platformConfig.parse((await this.platform.running()).config);
    this.#token ??= await this.#logIn(call);
    const response = await fetch(`${url}/api/v2${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: deadlineSignal(call),
    });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw new TypeError(`Airflow answers ${response.status} to ${method} ${path}: ${text}`);
    return schema.parse(JSON.parse(text));
  }

  async #logIn(call: CallOptions): Promise<string> {
    const { url, credentials } = platformConfig.parse((await this.platform.running()).config);
    const response = await fetch(`${url}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: await readFile(credentials.slice('file:'.length), 'utf8'),
      signal: deadlineSignal(call),
    });
    return token.parse(await response.json()).access_token;
  }
}
