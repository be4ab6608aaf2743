import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts } from '@floe/core/testing/example-artifacts';
import { prefectConfigSchema } from './prefect-config.js';
import { buildHelmValues } from './prefect-helm-values.js';
import { prefectComponents, sizeComponents } from './prefect-resources.js';

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
    expect(Object.keys(sizes)).toEqual([...prefectComponents]);
    for (const { requests, limits } of Object.values(sizes)) {
      expect(megabytes(requests.memory)).toBeLessThan(megabytes(limits.memory));
      expect(requests.cpu).toMatch(/^\d+m$/u);
    }
  });

  it('grows with the product', () => {
    const small = sizeComponents(pipeline, {}).run.requests.memory;
    expect(megabytes(sizeComponents(many, {}).run.requests.memory)).toBeGreaterThan(megabytes(small));
  });

  it('lets the manifest decide', () => {
    const sizes = sizeComponents(pipeline, { server: { requests: { memory: '1Gi' } } });
    expect(sizes.server.requests).toEqual({ cpu: expect.any(String), memory: '1Gi' });
  });
});

describe('buildHelmValues', () => {
  const sizes = sizeComponents(pipeline, {});

  it('names the secret of the server for both charts', () => {
    const config = prefectConfigSchema.parse({
      url: 'http://prefect-server.data.svc.cluster.local:4200/api',
      auth_string: 'k8s:data/prefect-auth#auth-string',
      work_pool: 'data',
      work_pool_type: 'kubernetes',
      work_queue: 'night',
    });
    const basicAuth = { enabled: true, existingSecret: 'prefect-auth' };
    expect(buildHelmValues(config, sizes)).toMatchObject({
      'prefect-server': { server: { basicAuth, resources: sizes.server } },
      'prefect-worker': {
        worker: {
          image: { prefectTag: expect.stringMatching(/-kubernetes$/u) },
          config: { workPool: 'data', type: 'kubernetes', workQueues: ['night'] },
          apiConfig: 'selfHostedServer',
          selfHostedServerApiConfig: { apiUrl: config.url, basicAuth },
          resources: sizes.worker,
        },
      },
    });
  });

  it('needs no server for Prefect Cloud', () => {
    const config = prefectConfigSchema.parse({
      url: 'https://api.prefect.cloud/api/accounts/acc/workspaces/space',
      api_key: 'k8s:data/cloud#key',
    });
    const values = buildHelmValues(config, sizes);
    expect(Object.keys(values)).toEqual(['prefect-worker']);
    expect(values['prefect-worker']).toMatchObject({
      worker: {
        apiConfig: 'cloud',
        cloudApiConfig: { accountId: 'acc', workspaceId: 'space', apiKeySecret: { name: 'cloud', key: 'key' } },
      },
    });
  });

  it('never writes a default password, and gives runs their room in a process worker', () => {
    const values = buildHelmValues(prefectConfigSchema.parse({ auth_string: 'env:AUTH' }), sizes);
    expect(JSON.stringify(values)).not.toMatch(/basicAuth|authString/u);
    expect(values['prefect-worker']).toMatchObject({ worker: { resources: { requests: sizes.run.requests } } });
  });
});
