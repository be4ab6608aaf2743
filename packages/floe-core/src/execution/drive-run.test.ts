import { describe, expect, it } from '@jest/globals';
import { greenRun, nodesOf, play, shortLimits, start } from '../../tests/execution/play-scenario.js';
import { failing, long, outage, startRun } from '../../tests/execution/usual-runs.js';
import { createChainPipeline } from '../testing/chain-pipeline.js';
import type { SimulatedBackend } from '../testing/simulated-backend.js';
import type { SimulatedScenario } from '../testing/simulated-scenario.js';
import type { RunRequest } from './run-request.js';

describe('driveRun', () => {
  it('tells progress in order', async () => {
    const { events } = await play({ runs: [greenRun], slotHeldFor: 10 });
    const told = events.filter(({ type }) => type !== 'node' && type !== 'log');
    expect(told.map((event) => (event.type === 'phase' ? event.phase : event.type))).toEqual([
      'submitted',
      'queued',
      'waiting',
      'starting',
      'running',
      'finishing',
      'finished',
    ]);
    const nodes = events.flatMap((event) => (event.type === 'node' ? [`${event.id} ${event.status}`] : []));
    expect(nodes).toEqual(nodesOf(createChainPipeline()).flatMap((id) => [`${id} running`, `${id} succeeded`]));
  });

  it('says once why a run does not get going', async () => {
    const { events } = await play({ runs: [{ ...greenRun, queue: 50 }] });
    const waiting = events.filter((event) => event.type === 'waiting');
    expect(waiting).toMatchObject([{ diagnosis: { cause: 'stuck_queued' } }]);
  });

  it('says once why a run does not end although its nodes have', async () => {
    const { events, result } = await play({ runs: [{ ...greenRun, tail: 40 }] });
    const waiting = events.filter((event) => event.type === 'waiting');
    expect(waiting).toMatchObject([{ diagnosis: { cause: 'stuck_running' } }]);
    expect(result?.status).toBe('succeeded');
  });

  it('does not ask why a run goes on that waits for its next attempt', async () => {
    const retries = { max: 1, initialDelay: 40, maxDelay: 40, factor: 1, jitter: 0, dataErrors: true };
    const { events } = await play({ runs: [{ ...failing, tail: 40 }] }, { execution: { retries } });
    expect(events.filter((event) => event.type === 'waiting')).toEqual([]);
  });

  it('describes every node, also those that nothing was heard of', async () => {
    const { result } = await play({ runs: [{ ...greenRun, queue: null }] });
    expect(result?.nodes).toHaveLength(6);
    expect(result?.nodes[0]).toMatchObject({ name: 'model_1', kind: 'model', status: 'pending' });
    expect(result?.nodes[3]).toMatchObject({ name: 'not_null_model_1_id', kind: 'test', status: 'pending' });
  });

  it('calls a node that was cut off cancelled, and unknown when the run was lost', async () => {
    const cancelled = await play({ runs: [{ ...long, record: null }] }, { abortAt: 10 });
    expect(cancelled.result?.nodes[0]).toMatchObject({ status: 'cancelled' });
    const lost = await play({ runs: [{ ...long, diesAt: 0.1 }] });
    expect(lost.result?.nodes[0]).toMatchObject({ status: 'unknown' });
  });

  it('has one request under way, between half a second and five seconds apart', async () => {
    const { backend } = await play({ runs: [{ ...greenRun, queue: 50 }], latency: 0 });
    expect(backend.mostInFlight).toBe(1);
    const reads = backend.calls.filter(({ name, at }) => name === 'read' && at < 50).map(({ at }) => at);
    const pauses = reads.slice(1).map((at, index) => at - (reads[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...pauses)).toBeGreaterThan(4);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5);
  });

  it('waits as long as the server asks', async () => {
    const { backend } = await play({ runs: [long], ...outage('too_many_requests', 20, 50) });
    const reads = backend.calls.filter(({ name, at }) => name === 'read' && at > 20 && at < 50).map(({ at }) => at);
    for (const [index, at] of reads.slice(1).entries()) expect(at - (reads[index] ?? 0)).toBeGreaterThanOrEqual(8);
  });

  it('asks for a run with the key first, unless the key is fresh', async () => {
    const used = await play({ runs: [greenRun] });
    expect(used.backend.calls.slice(0, 3).map(({ name }) => name)).toEqual(['find', 'submit', 'find']);
    const fresh = await play({ runs: [greenRun] }, { input: { freshKey: true } });
    expect(fresh.backend.calls.slice(0, 2).map(({ name }) => name)).toEqual(['submit', 'read']);
  });

  it('follows the run of a key without submitting', async () => {
    const before = startRun('key-1');
    const { result, events, backend } = await play({ runs: [long] }, { input: { attachTo: 'key' }, before });
    expect(result).toMatchObject({ status: 'succeeded', runId: 'run-1' });
    expect(events[0]).toMatchObject({ type: 'submitted', adopted: true });
    expect(backend.world.runs).toHaveLength(1);
  });

  it('says when there is no run of the key', async () => {
    const { error, backend } = await play({ runs: [greenRun] }, { input: { attachTo: 'key' } });
    expect(error?.code).toBe('RUN_NOT_FOUND');
    expect(backend.world.runs).toHaveLength(0);
  });

  it('follows a given run, whatever its key and its plan', async () => {
    const part = { ...greenRun, nodes: greenRun.nodes.slice(0, 2) };
    const attachTo = { runId: 'run-1', url: null };
    const { result } = await play({ runs: [part] }, { input: { attachTo }, before: startRun('other') });
    expect(result?.status).toBe('succeeded');
    expect(result?.nodes).toHaveLength(2);
  });

  it('adopts a run that has the key already', async () => {
    const { result, backend } = await play({ runs: [greenRun] }, { before: startRun('key-1') });
    expect(result).toMatchObject({ status: 'succeeded', runId: 'run-1' });
    expect(backend.world.runs).toHaveLength(1);
  });

  it('repeats nothing of a run that has not ended', async () => {
    const retryOf = { runId: 'run-1', url: null };
    const { error, backend } = await play({ runs: [long] }, { input: { retryOf }, before: startRun('other') });
    expect(error?.code).toBe('RUN_NOT_RETRYABLE');
    expect(backend.world.runs).toHaveLength(1);
  });

  it('repeats the failed part of a run that has ended', async () => {
    const ended = {
      ...failing,
      queue: 0,
      start: 0,
      tail: 0,
      nodes: failing.nodes.map((node) => ({ ...node, seconds: 0 })),
    };
    const rest = { ...greenRun, nodes: greenRun.nodes.slice(1, 3) };
    const before = (backend: SimulatedBackend, request: RunRequest): void => {
      startRun('other')(backend, request);
      backend.world.advanceTo(0);
    };
    const retryOf = { runId: 'run-1', url: null };
    const { result } = await play({ runs: [ended, rest] }, { input: { retryOf }, before });
    expect(result).toMatchObject({ status: 'succeeded', runId: 'run-2' });
  });

  it('settles for a caller that looks at nothing, and rejects nowhere', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', note);
    try {
      const scenario: SimulatedScenario = { runs: [greenRun], submissions: [{ kind: 'refused' }] };
      const { execution, clock } = start(scenario);
      while (clock.sleeping > 0) await clock.sleep(60_000);
      await expect(execution.result).rejects.toMatchObject({ code: 'PLATFORM_REFUSED' });
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('does not wait for the slot when the product does not want to', async () => {
    const { result } = await play({ runs: [greenRun], slotHeldFor: 100 }, { execution: { onBusy: 'fail' } });
    expect(result).toMatchObject({ status: 'cancelled', error: { code: 'RUN_BUSY' } });
  });

  it('keeps to limits that are given', async () => {
    const { endedAt } = await play({ runs: [{ ...greenRun, queue: null }] }, { limits: { queueTimeout: 20 } });
    expect(endedAt).toBeLessThan(shortLimits.queueTimeout);
  });

  it('says everything about a failure, without secrets and stack traces', async () => {
    const redactor = {
      register: () => undefined,
      redactText: (text: string) => text.replaceAll('Database', '***'),
      redactValue: (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('Database', '***')) as unknown,
    };
    const { result, events } = await play({ runs: [failing] }, { redactor });
    expect(result?.error).toMatchObject({
      code: 'RUN_FAILED',
      context: {
        job: 'shop',
        product: 'shop',
        key: 'key-1',
        runId: 'run-1',
        url: 'http://orchestrator.test/runs/1',
        failedNodes: [
          { id: 'model.shop.model_2', file: 'models/model_2.sql', message: '*** Error in model.shop.model_2' },
        ],
      },
    });
    expect(result?.error?.context.logTail).toContain('model.shop.model_2 failed');
    expect(JSON.stringify([result, events])).not.toContain('Database');
    expect(JSON.stringify(result)).not.toContain('stack');
  });
});
