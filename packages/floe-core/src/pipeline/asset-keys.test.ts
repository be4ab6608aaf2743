import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exampleOrchestration } from '../testing/example-artifacts.js';
import { assetKey, exposureKey, keyProblems, sourceKey } from './asset-keys.js';

const scope = { product: 'shop', rootPackage: 'shop' };
const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,3}$/);
const home = fc.oneof(fc.constant('shop'), name);
const version = fc.option(fc.oneof(fc.nat({ max: 20 }), fc.constantFrom('a', 'b')), { nil: null });

describe('keys', () => {
  it('differ for any two different models', () => {
    const model = fc.record({ home, name, version });
    fc.assert(
      fc.property(model, model, (one, other) => {
        const keys = [one, other].map((parts) => {
          const { nodes } = exampleOrchestration({
            nodes: [{ unique_id: 'model.x.y', package: parts.home, name: parts.name, version: parts.version }],
          });
          const [node] = nodes;
          return node === undefined ? null : JSON.stringify(assetKey(scope, node));
        });
        expect(keys[0] === keys[1]).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it('are either all different, or the collision is reported', () => {
    const entry = fc.record({ home, name });
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { maxLength: 5, selector: (one) => `${one.home}.${one.name}` }),
        fc.uniqueArray(fc.record({ home, source: name, name }), {
          maxLength: 5,
          selector: (one) => `${one.home}.${one.source}.${one.name}`,
        }),
        fc.uniqueArray(entry, { maxLength: 3, selector: (one) => `${one.home}.${one.name}` }),
        (models, sources, exposures) => {
          const orchestration = exampleOrchestration({
            nodes: models.map((one) => ({ unique_id: `model.${one.home}.${one.name}`, package: one.home })),
            sources: sources.map((one) => ({ unique_id: `source.${one.home}.${one.source}.${one.name}` })),
            exposures: exposures.map((one) => ({ unique_id: `exposure.${one.home}.${one.name}`, package: one.home })),
          });
          const keys = [
            ...orchestration.nodes.map((node) => assetKey(scope, node)),
            ...orchestration.sources.map((source) => sourceKey(scope, source)),
            ...orchestration.exposures.map((exposure) => exposureKey(scope, exposure)),
          ].map((key) => JSON.stringify(key));
          const problems = keyProblems(scope, orchestration);
          expect(problems.length === 0).toBe(new Set(keys).size === keys.length);
          expect(problems.every((problem) => problem.code === 'NAME_COLLISION')).toBe(true);
        },
      ),
    );
  });
});
