export { BaseOrchestratorPluginTests } from './base_classes/base-orchestrator-plugin-tests.js';
export { exampleProducts, type ExampleProduct } from './example-artifacts.js';
export { startFaultProxy, type Exchange, type FaultProxy, type FaultRule } from './fault-proxy.js';
export type { DeployedProduct, FailingProduct, PluginHarness } from './plugin-harness.js';
export type { ProxyFault } from './proxy-fault.js';
export type { TestBody, TestRunner } from './test-runner.js';
