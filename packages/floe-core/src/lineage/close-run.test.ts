import { describe, expect, it } from '@jest/globals';
import { officialSchemas } from '../../tests/lineage/official-schemas.js';
import type { JobResult, RunStatus } from '../execution/job-result.js';
import type { JobExecution, RunEvent } from '../execution/run-events.js';
import { requirePipeline } from '../pipeline/to-pipeline.js';
import { exampleArtifacts } from '../testing/example-artifacts.js';
import { lineageProblems } from '../testing/lineage-problems.js';
import { withUnreportedEnd, type UnreportedEnd } from './close-run.js';
import { closingEvents } from './closing-events.js';
import { lineageEventSchema } from './lineage-event.js';
import { lineageRunId } from './lineage-run-id.js';

function node(id: string, status: 'running' | 'succeeded' | 'failed'): RunEvent {
  return { type: 'node', id, status, seconds: null, rows: null, message: 'canary' };
}

function resultOf(status: RunStatus, observers?: JobResult['observers']): JobResult {
  return {
    status,
    key: 'run-1',
    runId: 'r1',
    url: null,
    attempts: [],
    nodes: [],
    logs: [],
    startedAt: null,
    finishedAt: null,
    durationMs: 1,
    ...(observers !== undefined && { observers }),
  };
}

function execution(events: readonly RunEvent[], result: Promise<JobResult>): JobExecution {
  return {
    key: 'run-1',
    result,
    async *[Symbol.asyncIterator]() {
      for (const event of events) {
        await Promise.resolve();
        yield event;
      }
    },
  };
}

async function watch(events: readonly RunEvent[], result: JobResult) {
  const closed: UnreportedEnd[] = [];
  const watched = withUnreportedEnd(execution(events, Promise.resolve(result)), (end) => {
    closed.push(end);
    return Promise.resolve();
  });
  const seen: RunEvent[] = [];
  for await (const event of watched) seen.push(event);
  expect(await watched.result).toBe(result);
  expect(seen).toEqual(events);
  return closed;
}

const running: RunEvent = { type: 'phase', phase: 'running' };

describe('withUnreportedEnd', () => {
  it('tells which nodes were running, and in which attempt', async () => {
    const events = [
      running,
      node('a', 'running'),
      node('a', 'failed'),
      node('b', 'running'),
      node('a', 'running'),
      node('c', 'succeeded'),
    ];
    const [end] = await watch(events, resultOf('lost'));
    expect(end?.open).toEqual([
      { id: 'b', attempt: 1 },
      { id: 'a', attempt: 2 },
    ]);
  });

  it('begins anew when the orchestrator restarts the run', async () => {
    const restarted: RunEvent = { type: 'restarted', run: { runId: 'r2', url: null } };
    const [end] = await watch(
      [running, node('a', 'running'), node('a', 'failed'), restarted, node('a', 'running')],
      resultOf('lost'),
    );
    expect(end?.open).toEqual([{ id: 'a', attempt: 1 }]);
  });

  it.each([
    ['a run that the runtime has reported', [running], resultOf('timed_out', {})],
    ['a run that succeeded', [running], resultOf('succeeded')],
    ['a run that never began', [], resultOf('cancelled')],
  ])('leaves %s alone', async (_name, events, result) => {
    expect(await watch(events, result)).toEqual([]);
  });

  it('passes failures on, and its own change nothing', async () => {
    const fault = new Error('not started');
    const failing = withUnreportedEnd(execution([], Promise.reject(fault)), () => Promise.resolve());
    await expect(failing.result).rejects.toBe(fault);
    const lost = resultOf('lost');
    const closing = withUnreportedEnd(execution([running], Promise.resolve(lost)), () => Promise.reject(fault));
    await expect(closing.result).resolves.toBe(lost);
  });
});

describe('closingEvents', () => {
  const pipeline = requirePipeline(
    exampleArtifacts({
      nodes: [{ unique_id: 'model.shop.a' }, { unique_id: 'model.shop.b' }],
      checks: [{ unique_id: 'test.shop.t', parents: ['model.shop.b'], attached_to: 'model.shop.b' }],
      edges: [['model.shop.a', 'model.shop.b']],
    }),
  );
  const close = (status: RunStatus) =>
    closingEvents({
      pipeline,
      namespace: 'shop',
      datasetNamespace: 'duckdb://local/dev/shop',
      result: resultOf(status),
      open: [
        { id: 'model.shop.b', attempt: 2 },
        { id: 'test.shop.t', attempt: 1 },
        { id: 'model.shop.gone', attempt: 1 },
      ],
      at: '2026-01-02T03:04:05.000Z',
    });

  it('ends nodes before their run, with the ids of the runtime, outputs and a code', () => {
    const [model, test, run] = close('lost');
    expect(close('lost')).toHaveLength(3);
    expect(model).toMatchObject({
      eventType: 'FAIL',
      run: {
        runId: lineageRunId({ namespace: 'shop', key: 'run-1', node: { id: 'model.shop.b', attempt: 2 } }),
        facets: { errorMessage: { message: 'RUN_LOST: the process of the run was lost' } },
      },
      inputs: [{ name: 'db.main.a' }],
      outputs: [{ name: 'db.main.b' }],
    });
    expect(test).toMatchObject({ inputs: [{ name: 'db.main.b' }], outputs: [] });
    expect(run).toMatchObject({
      eventType: 'FAIL',
      job: { namespace: 'shop', name: 'shop' },
      run: { runId: lineageRunId({ namespace: 'shop', key: 'run-1' }) },
    });
  });

  it.each([
    ['lost', 'FAIL'],
    ['failed', 'FAIL'],
    ['timed_out', 'ABORT'],
    ['cancelled', 'ABORT'],
  ] as const)('is valid for a run that is %s', (status, type) => {
    const validate = officialSchemas();
    for (const event of close(status)) {
      expect(lineageProblems(event, validate)).toEqual([]);
      expect(lineageEventSchema.safeParse(event).error).toBeUndefined();
      expect(event.eventType).toBe(type);
    }
  });

  it('has nothing to say about a run that succeeded', () => {
    expect(close('succeeded')).toEqual([]);
  });
});
