import { realHarness } from '@floe/test-products/suites/plugin-harness';
import { BaseOrchestratorPluginTests, type PluginHarness } from '@floe/testing';
import { orchestratorPlugin } from '../../src/index.js';
import { TestDagster } from './test-dagster.js';

/** The suite of every plugin against a real, local Dagster. */
export class DagsterTests extends BaseOrchestratorPluginTests {
  readonly module = orchestratorPlugin;

  configFor(url: string): Readonly<Record<string, unknown>> {
    return { url };
  }

  async createHarness(): Promise<PluginHarness> {
    return realHarness(await TestDagster.start());
  }
}
