import { describe, expect, it } from '@jest/globals';
import type { HttpClient, HttpRequest } from '@floe/core/http/http-client';
import { sampleExecution, sampleResult } from '../../tests/support/fake-execution.js';
import { createFakePlugin } from '../../tests/support/fake-plugin.js';
import { runCli } from '../../tests/support/run-cli.js';

const url = 'http://127.0.0.1:3000';
const config = `{url: ${url}, delivery: {kind: directory, path: bundles}}`;
const variables = { OPENLINEAGE_URL: 'http://lineage.example.com', OPENLINEAGE_API_KEY: 'canary-key' };

function receiver(status: number) {
  const requests: HttpRequest[] = [];
  const headers: unknown[] = [];
  const client: HttpClient = {
    send: (request) => {
      requests.push(request);
      return Promise.resolve({ kind: 'response', response: { status, headers: {}, text: '' } });
    },
  };
  const createHttpClient = () =>
    Promise.resolve((settings: object) => {
      headers.push(settings);
      return client;
    });
  return { requests, headers, services: { createHttpClient } };
}

describe('lineage of the command', () => {
  it('tells lineage by design after a deployment that changed something', async () => {
    const deploy = () => ({
      changes: [{ action: 'create' as const, object: 'shop' }],
      applied: true,
      bundleHash: 'sha256:abc',
      drift: [],
      url: null,
    });
    const { requests, headers, services } = receiver(201);
    const outcome = await runCli(['deploy'], { config, variables, services, plugin: createFakePlugin({ deploy }) });
    expect(outcome.exitCode).toBe(0);
    expect(requests.map(({ json }) => json)).toMatchObject([
      { job: { namespace: 'local', name: 'model.shop.stg_orders' } },
      { job: { namespace: 'local', name: 'model.shop.daily' } },
    ]);
    expect(headers).toContainEqual({ headers: { Authorization: 'Bearer canary-key' } });
    expect(outcome.stdout + outcome.stderr).not.toContain('canary-key');
  });

  it('tells nothing when nothing changed, and nothing in a dry run', async () => {
    const { requests, services } = receiver(201);
    await runCli(['deploy'], { config, variables, services });
    await runCli(['deploy', '--dry-run'], { config, variables, services });
    expect(requests).toEqual([]);
  });

  it('closes a run whose process was lost, and says when that cannot be sent', async () => {
    const execute = () =>
      sampleExecution(
        [
          { type: 'phase', phase: 'running' },
          {
            type: 'node',
            id: 'model.shop.stg_orders',
            status: 'running',
            seconds: null,
            rows: null,
            message: 'canary-message',
          },
        ],
        sampleResult('lost'),
      );
    const good = receiver(201);
    const plugin = (): ReturnType<typeof createFakePlugin> => createFakePlugin({ execute });
    const outcome = await runCli(['run'], { config, variables, services: good.services, plugin: plugin() });
    expect(outcome.exitCode).toBe(3);
    expect(good.requests.map(({ json }) => json)).toMatchObject([
      { eventType: 'FAIL', job: { name: 'model.shop.stg_orders' } },
      { eventType: 'FAIL', job: { name: 'shop' }, run: { facets: { errorMessage: expect.anything() } } },
    ]);
    expect(JSON.stringify(good.requests)).not.toContain('canary-message');
    const bad = receiver(401);
    const second = await runCli(['run'], { config, variables, services: bad.services, plugin: plugin() });
    expect(second.exitCode).toBe(3);
    expect(second.stderr).toContain('lineage: 2 of 2 events could not be sent, the receiver answers with status 401');
  });
});
