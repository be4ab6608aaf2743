import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts } from '@floe/core/testing/example-artifacts';
import { dagsterConfigSchema } from './dagster-config.js';
import { buildHelmValues } from './dagster-helm-values.js';
import { dagsterComponents, sizeComponents } from './dagster-resources.js';

const pipeline = requirePipeline(exampleArtifacts({ nodes: [{ unique_id: 'model.shop.a' }] }));
const many = requirePipeline(
  exampleArtifacts({ nodes: Array.from({ length: 10_000 }, (_, index) => ({ unique_id: `model.shop.m${index}` })) }),
);

function megabytes(quantity: string): number {
  expect(quantity).toMatch(/^\d+Mi$/u);
  return Number.parseInt(quantity, 10);
}

describe('sizeComponents', () => {
  it('gives requests below limits for every component', () => {
    const sizes = sizeComponents(pipeline, {});
    expect(Object.keys(sizes)).toEqual([...dagsterComponents]);
    for (const { requests, limits } of Object.values(sizes)) {
      expect(megabytes(requests.memory)).toBeLessThan(megabytes(limits.memory));
      expect(requests.cpu).toMatch(/^\d+m$/u);
    }
  });

  it('grows with the product', () => {
    const small = sizeComponents(pipeline, {})['code-server'].requests.memory;
    const large = sizeComponents(many, {})['code-server'].requests.memory;
    expect(megabytes(large)).toBeGreaterThan(megabytes(small));
  });

  it('lets the manifest decide', () => {
    const sizes = sizeComponents(pipeline, { daemon: { requests: { memory: '1Gi' } } });
    expect(sizes.daemon.requests).toEqual({ cpu: expect.any(String), memory: '1Gi' });
  });
});

describe('buildHelmValues', () => {
  const sizes = sizeComponents(pipeline, {});

  it('runs the code location from the image of the delivery', () => {
    const config = dagsterConfigSchema.parse({ delivery: { kind: 'image', ref: 'registry:5000/team/shop:1.2' } });
    expect(buildHelmValues(pipeline, config, 'shop', sizes)).toMatchObject({
      telemetry: { enabled: false },
      'dagster-user-deployments': {
        deployments: [
          {
            name: 'shop',
            image: { repository: 'registry:5000/team/shop', tag: '1.2', pullPolicy: 'IfNotPresent' },
            port: 4000,
          },
        ],
      },
    });
  });

  it('has no deployment of its own without an image', () => {
    const values = buildHelmValues(pipeline, dagsterConfigSchema.parse({}), 'shop', sizes);
    expect(Object.keys(values).sort()).toEqual(['dagsterDaemon', 'dagsterWebserver', 'runLauncher', 'telemetry']);
  });
});
