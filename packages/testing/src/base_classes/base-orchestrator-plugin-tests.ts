import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { startFaultProxy, type FaultProxy } from '../fault-proxy.js';
import type { PluginHarness } from '../plugin-harness.js';
import { defineConnectionSuite } from '../suites/connection-suite.js';
import { defineDefinitionsSuite } from '../suites/definitions-suite.js';
import { defineDeploymentValuesSuite } from '../suites/deployment-values-suite.js';
import { defineErrorsSuite } from '../suites/errors-suite.js';
import { defineExecutionSuite } from '../suites/execution-suite.js';
import { defineInterfaceSuite } from '../suites/interface-suite.js';
import type { LiveSubject, Subject } from '../suites/subject.js';
import type { TestRunner } from '../test-runner.js';

const startMs = 600_000;

/**
 * What every orchestrator plugin has to pass. A plugin package has a subclass and calls `register` in a test file.
 * The plugin's capabilities decide whether a test or its negative twin runs; there is no way to skip one.
 */
export abstract class BaseOrchestratorPluginTests {
  /** What the package exports as `orchestratorPlugin`. */
  abstract readonly module: OrchestratorPluginModule;

  /** plugins.orchestrator.config of manifest.yaml for an orchestrator at an address. */
  abstract configFor(url: string): Readonly<Record<string, unknown>>;

  /** Starts a real orchestrator and deploys the products of the harness; called once. */
  abstract createHarness(): Promise<PluginHarness>;

  /** Defines every test. @param runner for example `{ describe, it, beforeAll, afterAll }` of jest */
  register(runner: TestRunner): void {
    this.registerPure(runner);
    this.registerLive(runner);
  }

  /** Defines the tests that need no orchestrator: interface, definitions, Helm values, resources. */
  registerPure(runner: TestRunner): void {
    const subject = this.#subject();
    runner.describe(`plugin ${this.module.metadata.name}`, () => {
      defineInterfaceSuite(runner, subject);
      defineDefinitionsSuite(runner, subject);
      defineDeploymentValuesSuite(runner, subject);
    });
  }

  /** Defines the tests against the orchestrator of `createHarness`: connection, errors, execution. */
  registerLive(runner: TestRunner): void {
    let harness: PluginHarness | undefined;
    let proxy: FaultProxy | undefined;
    const subject: LiveSubject = {
      ...this.#subject(),
      harness: () => started(harness),
      proxy: () => started(proxy),
    };
    runner.describe(`plugin ${this.module.metadata.name} with a real orchestrator`, () => {
      runner.beforeAll(async () => {
        harness = await this.createHarness();
        proxy = await startFaultProxy(harness.url);
      }, startMs);
      runner.afterAll(async () => {
        try {
          await proxy?.close();
        } finally {
          await harness?.close();
        }
      }, startMs);
      defineConnectionSuite(runner, subject);
      defineErrorsSuite(runner, subject);
      defineExecutionSuite(runner, subject);
    });
  }

  #subject(): Subject {
    return { module: this.module, configFor: (url) => this.configFor(url) };
  }
}

function started<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('The orchestrator of the harness did not start');
  return value;
}
