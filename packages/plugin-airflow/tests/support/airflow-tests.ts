import { realHarness } from '@floe/test-products/suites/plugin-harness';
import { BaseOrchestratorPluginTests, type PluginHarness } from '@floe/testing';
import { orchestratorPlugin } from '../../src/index.js';
import { TestAirflow } from './test-airflow.js';

/** The suite of every plugin against a real, local Airflow. */
export class AirflowTests extends BaseOrchestratorPluginTests {
  readonly module = orchestratorPlugin;

  configFor(url: string): Readonly<Record<string, unknown>> {
    return { url };
  }

  async createHarness(): Promise<PluginHarness> {
    const airflow = await TestAirflow.start();
    return realHarness(airflow, await airflow.credentials());
  }
}
