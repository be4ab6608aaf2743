import type { Diagnosis, RunStatus } from '@floe/core/execution/job-result';
import type { BackendFault, RunBackend, RunReference, SubmitOutcome } from '@floe/core/execution/run-backend';
import { nodeResultSchema, runRecordSchema } from '@floe/core/execution/run-record';
import { describeServer, faultOfStatus, faultOfTransport, provesNothingHappened } from '@floe/core/http/backend-fault';
import type { HttpClient, HttpRequest } from '@floe/core/http/http-client';
import { readJsonBody } from '@floe/core/http/json-body';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';

const endings = z.enum(['succeeded', 'failed', 'timed_out', 'cancelled', 'duplicate']);
export const summarySchema = z.looseObject({
  id: z.string(),
  key: z.string(),
  phase: z.enum(['running', 'ended']),
  ending: endings.nullable(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
});
const snapshotSchema = summarySchema.extend({
  nodes: z.array(nodeResultSchema),
  cursor: z.number(),
  record: runRecordSchema.nullable(),
});
export const listSchema = z.looseObject({ runs: z.array(summarySchema) });
const logSchema = z.looseObject({ lines: z.array(z.string()), cursor: z.number() });
const createdSchema = z.looseObject({ id: z.string() });

/** Calls of the reference orchestrator. */
export interface ReferenceClient {
  readonly url: string;
  ask<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    call: CallOptions,
    more?: Partial<HttpRequest>,
  ): Promise<Outcome<z.infer<Schema>, ReferenceFault>>;
}

/** A fault, and whether it is certain that nothing happened. */
export interface ReferenceFault extends BackendFault {
  readonly isCertain: boolean;
  readonly status?: number;
}

export function createReferenceClient(
  url: string,
  connect: (call: CallOptions) => Promise<HttpClient>,
): ReferenceClient {
  return {
    url,
    async ask(path, schema, call, more) {
      const http = await connect(call);
      const context = { server: describeServer('Reference', url), now: Date.now() };
      const outcome = await http.send({ method: 'GET', url: `${url}${path}`, ...more }, call);
      if (outcome.kind === 'fault') {
        return failure({
          ...faultOfTransport(outcome.fault, context),
          isCertain: provesNothingHappened(outcome.fault.kind),
        });
      }
      const { status } = outcome.response;
      const fault = faultOfStatus(outcome.response, context);
      if (fault !== undefined) return failure({ ...fault, isCertain: status < 500, status });
      const body = readJsonBody(outcome.response, schema, context);
      return body.ok
        ? body
        : failure({ ...body.failure, isCertain: body.failure.code === 'CONNECTION_WRONG_ENDPOINT' });
    },
  };
}

/** The six functions of the run driver for one product. */
export function createReferenceBackend(client: ReferenceClient, product: string): RunBackend {
  return {
    async submit({ request, expectedHash, retryOf }, call): Promise<SubmitOutcome> {
      const json = { product, request, expected_hash: expectedHash, retry_of: retryOf?.runId ?? null };
      const created = await client.ask('/api/runs', createdSchema, call, { method: 'POST', json });
      if (created.ok) return { kind: 'submitted', run: referenceTo(created.value.id) };
      const fault = created.failure;
      if (fault.status === 409) {
        return {
          kind: 'rejected',
          fault: { ...fault, code: 'DEPLOYMENT_STALE', resolution: 'Deploy the product again.' },
        };
      }
      return { kind: fault.isCertain ? 'rejected' : 'unknown', fault };
    },
    async find(key, call) {
      const list = await client.ask(`/api/runs?key=${encodeURIComponent(key)}`, listSchema, call);
      if (!list.ok) return list;
      const [oldest] = list.value.runs;
      return success(oldest === undefined ? undefined : referenceTo(oldest.id));
    },
    async read(run, cursor, call) {
      const snapshot = await client.ask(`/api/runs/${run.runId}?after=${cursor ?? '0'}`, snapshotSchema, call);
      if (!snapshot.ok) return snapshot;
      const { phase, ending, nodes, record, started_at: startedAt, finished_at: finishedAt } = snapshot.value;
      return success({
        phase,
        startedAt,
        nodes,
        cursor: String(snapshot.value.cursor),
        hasMore: false,
        ...(ending !== null && { ending: statusOf(ending) }),
        ...(finishedAt !== null && { finishedAt }),
        ...(record !== null && { record }),
      });
    },
    async logs(run, cursor, call) {
      const page = await client.ask(`/api/runs/${run.runId}/logs?after=${cursor ?? '0'}`, logSchema, call);
      if (!page.ok) return page;
      const lines = page.value.lines.map((text) => ({ at: null, level: 'info' as const, text }));
      return success({ lines, cursor: String(page.value.cursor), hasMore: false });
    },
    async cancel(run, _force, call) {
      const answer = await client.ask(`/api/runs/${run.runId}/cancel`, z.looseObject({ ended: z.boolean() }), call, {
        method: 'POST',
        json: {},
      });
      return answer.ok ? success(answer.value.ended ? 'already_ended' : 'accepted') : answer;
    },
    diagnose(): Promise<Diagnosis> {
      return Promise.resolve({ cause: 'unknown', message: 'nobody knows why', resolution: 'Look at the server.' });
    },
  };
}

export function statusOf(ending: z.infer<typeof endings>): RunStatus {
  return ending === 'duplicate' ? 'succeeded' : ending;
}

function referenceTo(runId: string): RunReference {
  return { runId, url: null };
}
