import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { BaseOrchestratorPluginTests, type PluginHarness } from '@floe/testing';
import { orchestratorPlugin } from '../../src/index.js';
import { dbtProcessesBelow } from './processes.js';
import { TestAirflow } from './test-airflow.js';
import { TestProduct } from './test-product.js';

const failing = 'model.hello_orders.stg_orders';
/** Keeps one core busy for hours: DuckDB cannot know the largest value before it has seen them all. */
const endless = `having (select max(one.x * 31 + two.y) from range(100000000) as one(x) cross join range(100000) as two(y)) is not null`;

/** The suite of every plugin against a real, local Airflow. */
export class AirflowTests extends BaseOrchestratorPluginTests {
  readonly module = orchestratorPlugin;

  configFor(url: string): Readonly<Record<string, unknown>> {
    return { url };
  }

  async createHarness(): Promise<PluginHarness> {
    const airflow = await TestAirflow.start();
    const products: TestProduct[] = [];
    const make = async (name: string, edit?: (product: TestProduct) => Promise<void>): Promise<TestProduct> => {
      const product = await TestProduct.copy('hello-orders', airflow);
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
      url: airflow.state.url,
      credentials: await airflow.credentials(),
      products: {
        succeeding,
        failing: { ...failed, failing: [failing], skipped, message: 'no_such_column' },
        slow: endlessly,
      },
      countRunProcesses: () => Promise.resolve(dbtProcessesBelow(airflow.state.processGroup).length),
      close: async () => {
        for (const product of products) await product.remove();
        await airflow.stop();
      },
    };
  }
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
