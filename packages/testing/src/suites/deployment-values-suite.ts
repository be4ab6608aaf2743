import assert from 'node:assert/strict';
import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { OrchestratorPlugin, ResourceQuantities } from '@floe/core/plugin-interfaces';
import { assertNoSecret, deepFreeze } from '../assertions.js';
import { completeShop, exampleProducts, wideFan } from '../example-artifacts.js';
import type { TestRunner } from '../test-runner.js';
import { defaultToken, openPlugin, type Subject } from './subject.js';

const unusedUrl = 'http://127.0.0.1:9';

/** Helm values and Kubernetes resources (REQ-023, REQ-025). */
export function defineDeploymentValuesSuite(runner: TestRunner, subject: Subject): void {
  const { describe, it } = runner;
  const open = (): OrchestratorPlugin => openPlugin(subject, unusedUrl).plugin;

  describe('Helm values', () => {
    for (const { name, artifacts } of exampleProducts) {
      it(`are plain data for ${name}, the same each time`, () => {
        const frozen = deepFreeze(structuredClone(artifacts));
        const values = open().getHelmValues(frozen);
        assert.deepEqual(values, open().getHelmValues(frozen));
        assert.ok(Object.keys(values).length > 0, 'there are no values');
        assertPlainData(values, 'values');
      });
    }

    it('hold no secret', () => {
      assertNoSecret(open().getHelmValues(completeShop.artifacts), [defaultToken]);
    });
  });

  describe('resource requirements', () => {
    for (const { name, artifacts } of exampleProducts) {
      it(`are quantities of Kubernetes for ${name}, the same each time`, () => {
        const frozen = deepFreeze(structuredClone(artifacts));
        const resources = open().getResourceRequirements(frozen);
        assert.deepEqual(resources, open().getResourceRequirements(frozen));
        assert.ok(Object.keys(resources).length > 0, 'there are no components');
        for (const [component, { requests, limits }] of Object.entries(resources)) {
          assertWithin(requests, limits, component);
        }
      });
    }

    it('give a large product no less than a small one', () => {
      const small = open().getResourceRequirements(completeShop.artifacts);
      const large = open().getResourceRequirements(wideFan.artifacts);
      for (const [component, { requests }] of Object.entries(small)) {
        const other = large[component]?.requests;
        if (other === undefined) continue;
        assertWithin(requests, other, `${component} of the larger product`);
      }
    });

    it('can be set in the manifest', () => {
      const [component] = Object.keys(open().getResourceRequirements(completeShop.artifacts));
      assert.ok(component !== undefined);
      const set = { requests: { cpu: '123m', memory: '321Mi' }, limits: { cpu: '3210m', memory: '12345Mi' } };
      const resources = open().getResourceRequirements(withResources(completeShop.artifacts, { [component]: set }));
      assert.deepEqual(resources[component], set);
    });
  });
}

function withResources(
  artifacts: CompiledArtifacts,
  resources: NonNullable<CompiledArtifacts['orchestration']>['resources'],
): CompiledArtifacts {
  const { orchestration } = artifacts;
  return orchestration === null ? artifacts : { ...artifacts, orchestration: { ...orchestration, resources } };
}

function assertWithin(small: ResourceQuantities, large: ResourceQuantities, what: string): void {
  for (const kind of ['cpu', 'memory'] as const) {
    const difference = amount(large[kind]) - amount(small[kind]);
    assert.ok(difference >= 0, `${kind} of ${what}: ${small[kind]} is more than ${large[kind]}`);
    assert.ok(amount(small[kind]) > 0, `${kind} of ${what} is nothing`);
  }
}

const units: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function amount(quantity: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(quantity) ?? [];
  assert.ok(digits !== undefined, `${quantity} is no quantity of Kubernetes`);
  return Number(digits) * (units[unit] ?? Number.NaN);
}

/** Everything that YAML can say and that comes back as it was. */
function assertPlainData(value: unknown, path: string): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    assert.ok(Number.isFinite(value), `${path} is not finite`);
    return;
  }
  assert.ok(typeof value === 'object', `${path} is ${typeof value}`);
  for (const [key, item] of Object.entries(value)) assertPlainData(item, `${path}.${key}`);
}
