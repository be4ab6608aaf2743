import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts } from '@floe/core/testing/example-artifacts';
import { airflowConfigSchema } from './airflow-config.js';
import { buildHelmValues } from './airflow-helm-values.js';
import { airflowComponents, sizeComponents } from './airflow-resources.js';

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
    expect(Object.keys(sizes)).toEqual([...airflowComponents]);
    for (const { requests, limits } of Object.values(sizes)) {
      expect(megabytes(requests.memory)).toBeLessThan(megabytes(limits.memory));
      expect(requests.cpu).toMatch(/^\d+m$/u);
    }
  });

  it('grows with the product', () => {
    for (const component of airflowComponents) {
      const small = sizeComponents(pipeline, {})[component].requests.memory;
      const large = sizeComponents(many, {})[component].requests.memory;
      expect(megabytes(large)).toBeGreaterThan(megabytes(small));
    }
  });

  it('lets the manifest decide', () => {
    const sizes = sizeComponents(pipeline, { worker: { requests: { memory: '1Gi' } } });
    expect(sizes.worker.requests).toEqual({ cpu: expect.any(String), memory: '1Gi' });
  });
});

describe('buildHelmValues', () => {
  const sizes = sizeComponents(pipeline, {});

  it('runs everything from the image of the delivery', () => {
    const config = airflowConfigSchema.parse({ delivery: { kind: 'image', ref: 'registry:5000/team/shop:1.2' } });
    expect(buildHelmValues(pipeline, config, sizes)).toMatchObject({
      images: { airflow: { repository: 'registry:5000/team/shop', tag: '1.2', pullPolicy: 'IfNotPresent' } },
      workers: { celery: { resources: sizes.worker } },
    });
  });

  it('reads a git repository through a bundle of Airflow', () => {
    const config = airflowConfigSchema.parse({
      delivery: { kind: 'git', url: 'https://example.com/a.git', ref: 'main' },
    });
    const values = buildHelmValues(pipeline, config, sizes);
    expect(values).not.toHaveProperty('images');
    expect(values).toMatchObject({
      dagProcessor: {
        resources: sizes['dag-processor'],
        dagBundleConfigList: [{ kwargs: { repo_url: 'https://example.com/a.git', tracking_ref: 'main' } }],
      },
    });
  });

  it('names secrets only when they are given', () => {
    const config = airflowConfigSchema.parse({ helm: { jwt_secret: 'airflow-jwt', api_secret: 'airflow-api' } });
    expect(buildHelmValues(pipeline, config, sizes)).toMatchObject({
      jwtSecretName: 'airflow-jwt',
      apiSecretKeySecretName: 'airflow-api',
    });
    const names = Object.keys(buildHelmValues(pipeline, airflowConfigSchema.parse({}), sizes));
    expect(names.filter((name) => name.endsWith('SecretName'))).toEqual([]);
  });

  it('has no key that the chart has given up', () => {
    const values = buildHelmValues(pipeline, airflowConfigSchema.parse({}), sizes);
    expect(Object.keys(values).sort()).toEqual(
      ['airflowVersion', 'apiServer', 'config', 'dagProcessor', 'executor', 'scheduler', 'triggerer', 'workers'].sort(),
    );
    expect(Object.keys(values.workers as object)).toEqual(['celery']);
  });
});
