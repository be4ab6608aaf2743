import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import { exampleArtifacts } from '@floe/core/testing/example-artifacts';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { BaseOrchestratorPluginTests } from '../../src/base_classes/base-orchestrator-plugin-tests.js';
import type { PluginHarness } from '../../src/plugin-harness.js';
import { referenceModule } from './reference-plugin.js';
import { startReferenceOrchestrator } from './reference-orchestrator.js';

const bundleHash = `sha256:${'a'.repeat(64)}`;

function product(name: string): CompiledArtifacts {
  const artifacts = exampleArtifacts({
    nodes: ['a', 'b', 'c', 'd'].map((node) => ({ unique_id: `model.shop.${node}` })),
    edges: [
      ['model.shop.a', 'model.shop.b'],
      ['model.shop.b', 'model.shop.c'],
    ],
    checks: [
      { unique_id: 'test.shop.not_null_a.1', parents: ['model.shop.a'], attached_to: 'model.shop.a' },
      { unique_id: 'test.shop.not_null_c.2', parents: ['model.shop.c'], attached_to: 'model.shop.c' },
    ],
  });
  return { ...artifacts, metadata: { ...artifacts.metadata, product_name: name } };
}

/** The suite with the reference orchestrator; `module` may be a broken plugin. */
export class ReferenceTests extends BaseOrchestratorPluginTests {
  readonly module: OrchestratorPluginModule;

  constructor(module: OrchestratorPluginModule = referenceModule()) {
    super();
    this.module = module;
  }

  configFor(url: string): Readonly<Record<string, unknown>> {
    return { url };
  }

  async createHarness(): Promise<PluginHarness> {
    const [good, bad, slow] = [product('good'), product('bad'), product('slow')];
    const behaviour = (artifacts: CompiledArtifacts) => ({
      pipeline: requirePipeline(artifacts),
      bundleHash,
      nodeMs: 30,
      failing: new Map<string, string>(),
    });
    const message = 'relation "missing" does not exist';
    const orchestrator = await startReferenceOrchestrator({
      good: behaviour(good),
      bad: { ...behaviour(bad), failing: new Map([['model.shop.b', message]]) },
      slow: { ...behaviour(slow), nodeMs: 120_000 },
    });
    return {
      url: orchestrator.url,
      products: {
        succeeding: { artifacts: good, bundleHash },
        failing: {
          artifacts: bad,
          bundleHash,
          failing: ['model.shop.b'],
          skipped: ['model.shop.c', 'test.shop.not_null_c.2'],
          message,
        },
        slow: { artifacts: slow, bundleHash },
      },
      close: () => orchestrator.close(),
    };
  }
}
