import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '@floe/core/time/call-options';
import { deadlineSignal } from '@floe/core/time/deadline-signal';
import { orchestratorPlugin } from '@floe/plugin-prefect';
import { z } from 'zod';
import { SharedPlatform } from '../platform/shared-platform.js';

/** A flow in a file, with a Python environment of its own. */
export interface FlowDeployment {
  readonly name: string;
  /** Folder of the file. */
  readonly directory: string;
  /** `file.py:function`. */
  readonly entrypoint: string;
  readonly python: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

const flowRun = z.looseObject({
  id: z.string(),
  state_type: z.string().nullable(),
  start_time: z.string().nullable(),
  end_time: z.string().nullable(),
  state: z.looseObject({ message: z.string().nullish() }).nullish(),
});

export type FlowRun = z.infer<typeof flowRun>;

const taskRun = z.looseObject({
  id: z.string(),
  task_key: z.string(),
  state_type: z.string().nullable(),
  start_time: z.string().nullable(),
  end_time: z.string().nullable(),
});

export type TaskRun = z.infer<typeof taskRun>;

const graph = z.looseObject({
  nodes: z.array(z.tuple([z.string(), z.looseObject({ parents: z.array(z.looseObject({ id: z.string() })) })])),
});

const created = z.looseObject({ id: z.string() });
const platformConfig = z.looseObject({ url: z.string(), auth_string: z.string(), work_pool: z.string() });

const pollMs = 200;
const pageSize = 200;
const ended: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']);

/** One real Prefect (server, process worker, SQLite) for all contenders of a size, each with a deployment of its own. */
export class PrefectServer {
  readonly platform: SharedPlatform;

  /** @param home an empty folder */
  constructor(home: string, binDirectory: string) {
    this.platform = new SharedPlatform(orchestratorPlugin, home, binDirectory);
  }

  /** Makes a flow known. @returns the id of its deployment */
  async deploy(deployment: FlowDeployment, call: CallOptions): Promise<string> {
    const { config } = await this.platform.running();
    const { name, directory, entrypoint, python, parameters } = deployment;
    const flow = await this.#ask('POST', '/flows/', { name }, created, call);
    const body = {
      name,
      flow_id: flow.id,
      entrypoint,
      parameters,
      work_pool_name: platformConfig.parse(config).work_pool,
      job_variables: { command: `${python} -m prefect.engine` },
      pull_steps: [{ 'prefect.deployments.steps.set_working_directory': { directory } }],
    };
    return (await this.#ask('POST', '/deployments/', body, created, call)).id;
  }

  /** Starts a run of a deployment and waits for its end. */
  async run(deploymentId: string, call: CallOptions): Promise<FlowRun> {
    const end = performance.now() + call.timeoutMs;
    const { id } = await this.#ask('POST', `/deployments/${deploymentId}/create_flow_run`, {}, created, call);
    for (;;) {
      const run = await this.flowRun(id, call);
      if (ended.has(run.state_type ?? '')) return run;
      if (performance.now() > end) throw new TypeError(`The flow run is still ${run.state_type ?? 'without state'}.`);
      await sleep(pollMs, undefined, { signal: call.signal });
    }
  }

  async flowRun(id: string, call: CallOptions): Promise<FlowRun> {
    return this.#ask('GET', `/flow_runs/${id}`, undefined, flowRun, call);
  }

  /** All task runs of a flow run. */
  async taskRuns(id: string, call: CallOptions): Promise<readonly TaskRun[]> {
    const all: TaskRun[] = [];
    for (;;) {
      const body = { flow_runs: { id: { any_: [id] } }, limit: pageSize, offset: all.length, sort: 'ID_DESC' };
      const page = await this.#ask('POST', '/task_runs/filter', body, z.array(taskRun), call);
      all.push(...page);
      if (page.length < pageSize) return all;
    }
  }

  /** Edges between the task runs of a flow run, each once. */
  async countEdges(id: string, call: CallOptions): Promise<number> {
    const { nodes } = await this.#ask('GET', `/flow_runs/${id}/graph-v2`, undefined, graph, call);
    const edges = nodes.flatMap(([child, { parents }]) => parents.map((parent) => `${parent.id} ${child}`));
    return new Set(edges).size;
  }

  async #ask<Value>(
    method: string,
    path: string,
    body: unknown,
    schema: z.ZodType<Value>,
    call: CallOptions,
  ): Promise<Value> {
    const { config } = await this.platform.running();
    const { url, auth_string: reference } = platformConfig.parse(config);
    const authString = (await readFile(reference.slice('file:'.length), 'utf8')).trim();
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(authString).toString('base64')}`,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: deadlineSignal(call),
    });
    const text = await response.text();
    if (!response.ok) throw new TypeError(`Prefect answers ${response.status} to ${method} ${path}: ${text}`);
    return schema.parse(JSON.parse(text));
  }
}
