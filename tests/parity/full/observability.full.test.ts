import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endlessSql } from '@floe/test-products/endless-sql';
import { lineageProblems } from '@floe/core/testing/lineage-problems';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { FloeCommand, type FloeAnswer } from '../support/floe-command.js';
import { LineageReceiver, type ReceivedEvent } from '../support/lineage-receiver.js';
import { lineageSchemas } from '../support/lineage-schemas.js';
import { ObservedProduct } from '../support/observed-product.js';
import { orchestrators } from '../support/orchestrators.js';
import { attributeOf, OtelCollector, type CollectedSpan } from '../support/otel-collector.js';
import { adapterProcess } from '@floe/test-products/processes';
import { waitFor } from '@floe/test-products/wait-for';

const canary = 'canary-7f3a';
const validate = lineageSchemas();
const resultSchema = z.looseObject({
  key: z.string(),
  status: z.string(),
  runId: z.string(),
  nodes: z.array(z.looseObject({ id: z.string(), name: z.string(), status: z.string() })),
});

let collector: OtelCollector;
let receiver: LineageReceiver;
beforeAll(async () => {
  collector = await OtelCollector.start();
  receiver = await LineageReceiver.start();
}, 1_200_000);
afterAll(async () => {
  await receiver.close();
  await collector.stop();
});

describe.each(orchestrators)('a product on %s', (orchestrator) => {
  let floe: FloeCommand;
  let product: ObservedProduct;
  beforeAll(async () => {
    receiver.clear();
    floe = await FloeCommand.create({ FLOE_TEST_VALUE: `${canary}-environment` });
    expect((await floe.run('platform', 'start', '--orchestrator', orchestrator)).document.error).toBeUndefined();
    product = await ObservedProduct.copy('hello-orders', orchestrator, {
      traces: collector.httpUrl,
      protocol: 'http',
      lineage: receiver.url,
    });
    await product.edit('models/stg_orders.sql', (text) =>
      text.replace('status,', `status, '${canary}-literal' as note, '{{ env_var("FLOE_TEST_VALUE") }}' as origin,`),
    );
  }, 400_000);
  afterAll(async () => {
    await floe.run('platform', 'stop', '--orchestrator', orchestrator);
    await product.remove();
    await floe.remove();
  }, 120_000);

  const run = (...args: readonly string[]): Promise<FloeAnswer> =>
    floe.run('run', '--project', product.folder, '--local', ...args);

  describe('that succeeds', () => {
    let answer: FloeAnswer;
    let spans: readonly CollectedSpan[];
    let events: readonly ReceivedEvent[];
    beforeAll(async () => {
      answer = await run('--vars', JSON.stringify({ note: `${canary}-variable` }));
      spans = await tracesOf(answer);
      events = receiver.events();
    });

    it('is one trace from the command to each node of dbt', () => {
      expect(answer).toMatchObject({ exitCode: 0 });
      const { nodes, key } = resultSchema.parse(answer.document.result);
      const [root, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === '');
      expect(others).toEqual([]);
      expect(root?.name).toBe('RUN hello-orders');
      expect(root === undefined ? undefined : attributeOf(root, 'floe.run.key')).toBe(key);
      expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      const work = spans.filter((span) => attributeOf(span, 'cicd.pipeline.task.name') !== undefined);
      expect(work.map((span) => attributeOf(span, 'cicd.pipeline.task.name')).sort()).toEqual(
        nodes.map(({ id }) => id).sort(),
      );
      for (const span of work) {
        const inside = byId.get(span.parentSpanId);
        expect(inside?.name).toBe('RUN hello-orders');
        expect(inside?.parentSpanId).toBe(root?.spanId);
        expect(attributeOf(span, 'floe.node.status')).toBe('succeeded');
      }
    });

    it('has a span for each phase', () => {
      const names = new Set(spans.map(({ name }) => name));
      expect([...names]).toEqual(expect.arrayContaining(['floe.submit', 'floe.run']));
      // A phase that is over between two looks has no span.
      expect(names.has('floe.queue') || names.has('floe.start')).toBe(true);
    });

    it('tells its lineage by design at the deployment, then each beginning and end once', () => {
      const design = events.filter(({ run: of }) => of === undefined);
      expect(design.map(({ job }) => job.name).sort()).toEqual([
        'model.hello_orders.mart_daily_orders',
        'model.hello_orders.stg_orders',
        'seed.hello_orders.orders',
      ]);
      const { nodes } = resultSchema.parse(answer.document.result);
      const told = events.filter(({ run: of }) => of !== undefined);
      const counts = new Map<string, string[]>();
      for (const { job, eventType } of told) counts.set(job.name, [...(counts.get(job.name) ?? []), eventType ?? '']);
      expect([...counts.keys()].sort()).toEqual(['hello-orders', ...nodes.map(({ id }) => id)].sort());
      for (const types of counts.values()) expect(types).toEqual(['START', 'COMPLETE']);
      expect(told[0]?.job.name).toBe('hello-orders');
      expect(told.at(-1)?.job.name).toBe('hello-orders');
    });

    it('sends events that are valid, facet by facet, with inputs, outputs and rows', () => {
      expect(events.flatMap((event) => lineageProblems(event, validate))).toEqual([]);
      const mart = events.find(
        ({ job, eventType }) => job.name === 'model.hello_orders.mart_daily_orders' && eventType === 'COMPLETE',
      );
      expect(mart?.inputs.map(({ name }) => name)).toEqual(['hello_orders.main.stg_orders']);
      expect(mart?.outputs.map(({ name }) => name)).toEqual(['hello_orders.main.mart_daily_orders']);
      expect(mart?.run?.facets).toHaveProperty('parent');
    });

    it('says nothing of the data, the variables and the environment', async () => {
      expect(await collector.text()).not.toContain(canary);
      expect(receiver.bodies.join('\n')).not.toContain(canary);
    });
  });

  describe('with a model that fails', () => {
    let answer: FloeAnswer;
    let spans: readonly CollectedSpan[];
    let events: readonly ReceivedEvent[];
    beforeAll(async () => {
      receiver.clear();
      await product.edit('models/mart_daily_orders.sql', (text) =>
        text
          .replace('from {{', `, cast(max(note) as integer) as broken from {{`)
          .replace("where status = 'completed'", ''),
      );
      answer = await run();
      spans = await tracesOf(answer);
      events = receiver.events();
    });

    it('says so in the answer, the spans and the events', () => {
      expect(answer.exitCode).toBe(1);
      expect(answer.document.error?.code).toBe('RUN_FAILED');
      const failed = spans.find((span) => attributeOf(span, 'floe.node.status') === 'failed');
      expect(failed?.status.code).toBe(2);
      expect(failed === undefined ? undefined : attributeOf(failed, 'error.type')).toBe('NODE_FAILED');
      const failures = events.filter(({ eventType }) => eventType === 'FAIL');
      expect(failures.map(({ job }) => job.name)).toEqual(['model.hello_orders.mart_daily_orders', 'hello-orders']);
      for (const event of failures) expect(event.run?.facets).toHaveProperty('errorMessage');
      expect(failures[0]?.outputs.map(({ name }) => name)).toEqual(['hello_orders.main.mart_daily_orders']);
      expect(events.flatMap((event) => lineageProblems(event, validate))).toEqual([]);
    });

    it("has the row's value in the message for the caller, and nowhere else", async () => {
      expect(JSON.stringify(answer.document)).toContain(`${canary}-literal`);
      expect(await collector.text()).not.toContain(canary);
      expect(receiver.bodies.join('\n')).not.toContain(canary);
    });
  });

  describe('while the receivers are away', () => {
    it('runs as ever, keeps its lineage, says so, and the next run sends it', async () => {
      await product.edit('models/mart_daily_orders.sql', (text) =>
        text.replace(', cast(max(note) as integer) as broken', ''),
      );
      receiver.clear();
      receiver.status = 503;
      const first = await run();
      expect(first).toMatchObject({ exitCode: 0 });
      expect(first.progress).toMatch(/openlineage: \d+ kept for the next run/u);
      expect(receiver.events()).toEqual([]);
      receiver.status = 201;
      const second = await run();
      expect(second).toMatchObject({ exitCode: 0 });
      const keys = [first, second].map(({ document }) => resultSchema.parse(document.result).key);
      const runs = receiver.events().filter(({ job, run: of }) => job.name === 'hello-orders' && of !== undefined);
      const told = runs.map(({ run: of, eventType }) => [
        z.looseObject({ runKey: z.string() }).parse(of?.facets.floe).runKey,
        eventType,
      ]);
      expect(told).toEqual(
        expect.arrayContaining(
          keys.flatMap((key) => [
            [key, 'START'],
            [key, 'COMPLETE'],
          ]),
        ),
      );
      expect(told).toHaveLength(4);
    });
  });

  describe('whose process is killed', () => {
    it('gets its end in lineage from the command', async () => {
      await product.edit('models/mart_daily_orders.sql', (text) =>
        text.replace('order by', `having ${endlessSql}\norder by`),
      );
      receiver.clear();
      const running = run();
      const started = (): boolean =>
        receiver.events().some(({ job, run: of }) => job.name.endsWith('mart_daily_orders') && of !== undefined);
      await waitFor('the endless model', 120, () => (started() ? true : undefined));
      // what begins in the last second of a process is not yet known to the command
      await sleep(3_000);
      const adapter = await waitFor('the process of the run', 10, () => adapterProcess(floe.home));
      process.kill(adapter, 'SIGKILL');
      const answer = await running;
      expect([1, 3]).toContain(answer.exitCode);
      const events = receiver.events();
      const ends = (name: string): readonly (string | undefined)[] =>
        events.filter(({ job, run: of }) => job.name === name && of !== undefined).map(({ eventType }) => eventType);
      expect(ends('hello-orders')).toEqual(['START', 'FAIL']);
      expect(ends('model.hello_orders.mart_daily_orders')[0]).toBe('START');
      expect(ends('model.hello_orders.mart_daily_orders')).toHaveLength(2);
      expect(events.flatMap((event) => lineageProblems(event, validate))).toEqual([]);
    });
  });

  /** All spans of the trace of a run, once the command's own has arrived. */
  async function tracesOf({ document }: FloeAnswer): Promise<readonly CollectedSpan[]> {
    const text = JSON.stringify(document);
    const root = await waitFor('the span of the command', 20, async () =>
      (await collector.spans()).find(
        (span) => span.parentSpanId === '' && text.includes(`"${attributeOf(span, 'floe.run.key') ?? '?'}"`),
      ),
    );
    return (await collector.spans()).filter(({ traceId }) => traceId === root.traceId);
  }
});
