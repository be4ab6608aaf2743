import { realHarness } from '@floe/test-products/suites/plugin-harness';
import { BaseOrchestratorPluginTests, type PluginHarness } from '@floe/testing';
import { orchestratorPlugin } from '../../src/index.js';
import { TestPrefect } from './test-prefect.js';

/** The suite of every plugin against a real, local Prefect. */
export class PrefectTests extends BaseOrchestratorPluginTests {
  readonly module = orchestratorPlugin;

  configFor(url: string): Readonly<Record<string, unknown>> {
    return { url: `${url}/api` };
  }

  async createHarness(): Promise<PluginHarness> {
    const prefect = await TestPrefect.start();
    const [username = '', password = ''] = prefect.authString.split(':');
    return realHarness(prefect, { username, password });
  }
}
