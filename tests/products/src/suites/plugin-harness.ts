import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import type { PluginHarness } from '@floe/testing';
import { endlessSql } from '../endless-sql.js';
import { dbtProcessesBelow } from '../processes.js';
import type { TestPlatform } from '../test-platform.js';
import { TestProduct } from '../test-product.js';

const failing = 'model.hello_orders.stg_orders';

/**
 * Three products on a real orchestrator for the suite of every plugin; closing it ends the orchestrator.
 * @param credentials content of the secret for its connection
 */
export async function realHarness(
  platform: TestPlatform,
  credentials?: Readonly<Record<string, string>>,
): Promise<PluginHarness> {
  const products: TestProduct[] = [];
  const make = async (name: string, edit?: (product: TestProduct) => Promise<void>): Promise<TestProduct> => {
    const product = await TestProduct.copy('hello-orders', platform);
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
    product.edit('models/mart_daily_orders.sql', (text) => text.replace('order by', `having ${endlessSql}\norder by`)),
  );
  const [succeeding, failed, endlessly] = [await good.request(), await bad.request(), await slow.request()];
  const skipped = behindFailing(requirePipeline(failed.artifacts));
  return {
    url: platform.state.url,
    ...(credentials !== undefined && { credentials }),
    products: {
      succeeding,
      failing: { ...failed, failing: [failing], skipped, message: 'no_such_column' },
      slow: endlessly,
    },
    countRunProcesses: () => Promise.resolve(dbtProcessesBelow(platform.state.processGroup).length),
    close: async () => {
      for (const product of products) await product.remove();
      await platform.stop();
    },
  };
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
