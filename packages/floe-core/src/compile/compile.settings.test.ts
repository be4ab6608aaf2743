import { describe, expect, it } from '@jest/globals';
import { compileText, findings, manifestHead, orchestrationOf } from '../../tests/compile/compile-text.js';

describe('compile, settings and secrets', () => {
  it('takes execution settings from floe.yaml, then the defaults, under the limits', () => {
    const { execution } = orchestrationOf({
      spec: 'execution: {threads: 2, retries: {max: 1}}\n',
      manifest:
        'execution: {defaults: {threads: 3, queue_timeout: 50, retries: {initial_delay: 1}}, limits: {timeout: 1800, node_timeout: 900}}\n',
    });
    expect(execution).toMatchObject({
      threads: 2,
      queue_timeout: 50,
      timeout: 1800,
      node_timeout: 900,
      start_timeout: 300,
      retries: { max: 1, initial_delay: 1, factor: 2 },
    });
  });

  it('fills in resource presets', () => {
    const { resources } = orchestrationOf({
      manifest: `resource_presets: {tiny: {cpu_request: 50m, memory_limit: 64Mi}}
resources: {web: small, daemon: {preset: tiny, limits: {memory: 1Gi}}}
`,
    });
    expect(resources).toEqual({
      web: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
      daemon: { requests: { cpu: '50m' }, limits: { memory: '1Gi' } },
    });
  });

  it('lets a product use the secrets that the platform allows', () => {
    const spec = 'destinations: [{name: a, sink_type: rest, connection_secret_ref: k8s:team/crm}]\n';
    expect(findings({ spec, manifest: "allowed_secret_refs: ['k8s:team/*']\n" })).toEqual([]);
    expect(findings({ spec, manifest: "allowed_secret_refs: ['k8s:other/*']\n" })).toHaveLength(1);
  });

  it('names settings without effect once', () => {
    const manifest = `${manifestHead}  catalog: {type: polaris}\n  storage: {type: s3}\n`;
    const { problems, artifacts } = compileText({ manifest });
    expect(problems).toMatchObject([
      {
        severity: 'warning',
        message: 'These settings are accepted but have no effect yet: plugins.catalog, plugins.storage.',
      },
    ]);
    expect(artifacts?.plugins?.catalog?.type).toBe('polaris');
  });

  it('keeps references and never values of secrets', () => {
    const manifest = manifestHead.replace(
      '{type: dagster}',
      "{type: dagster, config: {token: env:DAGSTER_TOKEN}, connection_secret_ref: 'k8s:floe/dagster'}",
    );
    const { artifacts } = compileText({ manifest });
    expect(artifacts?.plugins?.orchestrator).toMatchObject({
      config: { token: 'env:DAGSTER_TOKEN' },
      connection_secret_ref: 'k8s:floe/dagster',
    });
  });
});
