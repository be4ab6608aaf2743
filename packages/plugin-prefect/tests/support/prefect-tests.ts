import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { BaseOrchestratorPluginTests, type PluginHarness } from '@floe/testing';
import { orchestratorPlugin } from '../../src/index.js';
import { dbtProcessesBelow } from './processes.js';
import { TestPrefect } from './test-prefect.js';
import { TestProduct } from './test-product.js';

const failing = 'model.hello_orders.stg_orders';
/** Keeps one core busy for hours: DuckDB cannot know the largest value before it has seen them all. */
const endless = `having (select max(one.x * 31 + two.y) from range(100000000) as one(x) cross join range(100000) as two(y)) is not null`;

/** The suite of every plugin against a real, local Prefect. */
export class PrefectTests extends BaseOrchestratorPluginTests {
  readonly module = orchestratorPlugin;

  configFor(url: string): Readonly<Record<string, unknown>> {
    return { url: `${url}/api` };
  }

  async createHarness(): Promise<PluginHarness> {
    const prefect = await TestPrefect.start();
    const products: TestProduct[] = [];
    const make = async (name: string, edit?: (product: TestProduct) => Promise<void>): Promise<TestProduct> => {
      const product = await TestProduct.copy('hello-orders', prefect);
      products.push(product);
      await product.edit('floe.yaml', (text) => text.replace('name: hello-orders', `name: ${name}`));
      await product.edit('manifest.yaml', (text) => text.replace('hello_orders.duckdb', `${name}.duckdb`));
      await edit?.(product);
      await product.deploy();
      return product;
    };
    const good = await make('suite-good');
    const bad = await make('suite-bad', (product) =>
      product.edit('models/stg_orders.sql', (text) => text.replace('customer,', 'no_such_column,')),
    );
    const slow = await make('suite-slow', (product) =>
      product.edit('models/mart_daily_orders.sql', (text) => text.replace('order by', `${endless}\norder by`)),
    );
    const [succeeding, failed, endlessly] = [await good.request(), await bad.request(), await slow.request()];
    const skipped = behindFailing(requirePipeline(failed.artifacts));
    return {
      url: prefect.state.url,
      credentials: credentialsOf(prefect.authString),
      products: {
        succeeding,
        failing: { ...failed, failing: [failing], skipped, message: 'no_such_column' },
        slow: endlessly,
      },
      countRunProcesses: () => Promise.resolve(dbtProcessesBelow(prefect.state.processGroup).length),
      close: async () => {
        for (const product of products) await product.remove();
        await prefect.stop();
      },
    };
  }
}

/** The auth string of a server, as a secret has it. */
function credentialsOf(text: string): { readonly username: string; readonly password: string } {
  const colon = text.indexOf(':');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Everything behind the failing model; the seed before it and the seed's tests are not. */
function behindFailing(pipeline: Pipeline): string[] {
  const behind = new Set([failing]);
  for (const { id, upstream } of pipeline.assets) if (upstream.some((other) => behind.has(other))) behind.add(id);
  for (const { id, primary, additional } of pipeline.checks) {
    if ([primary, ...additional].some((parent) => parent !== null && behind.has(parent))) behind.add(id);
  }
  behind.delete(failing);
  return [...behind];
}
