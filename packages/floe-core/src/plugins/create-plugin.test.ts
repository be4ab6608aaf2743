import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createHttpClient } from '../http/axios-http-client.js';
import { readYaml } from '../manifest/yaml-source.js';
import type { OrchestratorPlugin, OrchestratorPluginModule, PluginContext } from '../plugin-interfaces.js';
import { createRedactor } from '../redaction/create-redactor.js';
import { systemClock } from '../time/clock.js';
import { systemRandom } from '../time/random.js';
import { createPlugin, type PluginServices, type PluginSettings } from './create-plugin.js';

const configSchema = z.strictObject({ url: z.url(), timeout: z.number().default(5) });
const services: PluginServices = {
  secrets: { resolve: () => Promise.reject(new TypeError('not asked for')) },
  http: createHttpClient,
  clock: systemClock,
  random: systemRandom,
  redactor: createRedactor(),
  log: () => undefined,
};

function create(settings: PluginSettings): PluginContext {
  let seen: PluginContext | undefined;
  const module = {
    configSchema,
    create: (context: PluginContext) => {
      seen = context;
      return undefined as unknown as OrchestratorPlugin;
    },
  } as unknown as OrchestratorPluginModule;
  createPlugin(module, settings, services);
  if (seen === undefined) throw new TypeError('not created');
  return seen;
}

describe('createPlugin', () => {
  it('gives the plugin its settings with defaults, and the services', () => {
    expect(create({ config: { url: 'http://host' }, connectionSecretRef: 'prod/x' })).toEqual({
      ...services,
      config: { url: 'http://host', timeout: 5 },
      connectionSecretRef: 'prod/x',
    });
    expect(create({ config: { url: 'http://host' } }).connectionSecretRef).toBeNull();
  });

  it('refuses settings with the path of each key, and does not repeat values', () => {
    expect(refusal({ config: { url: 'canary', timout: 1 } })).toMatchObject({
      code: 'PLUGIN_CONFIG_INVALID',
      problems: [
        { location: { node: 'plugins.orchestrator.config.url' } },
        { location: { node: 'plugins.orchestrator.config.timout' }, resolution: 'Did you mean "timeout"?' },
      ],
    });
    expect(JSON.stringify(refusal({ config: { url: 'canary' } }))).not.toContain('canary');
    expect(refusal({ config: null })).toMatchObject({ code: 'PLUGIN_CONFIG_INVALID' });
  });

  it('names line and column when the manifest is known', () => {
    const text = 'plugins:\n  orchestrator:\n    config:\n      url: 5\n';
    const { locator } = readYaml(text, 'manifest.yaml');
    expect(refusal({ config: { url: 5 }, locator })).toMatchObject({
      problems: [{ location: { file: 'manifest.yaml', line: 4, column: 12 } }],
    });
  });
});

function refusal(settings: PluginSettings): unknown {
  try {
    create(settings);
  } catch (error) {
    return error;
  }
  throw new TypeError('was created');
}
