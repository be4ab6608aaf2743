import assert from 'node:assert/strict';
import { floeApiVersion } from '@floe/core/plugin-interfaces';
import { pluginShape } from '@floe/core/plugins/plugin-shape';
import { assertUsefulError, errorOf } from '../assertions.js';
import { oneModel } from '../example-artifacts.js';
import type { TestRunner } from '../test-runner.js';
import { openPlugin, type Subject } from './subject.js';

const unusedUrl = 'http://127.0.0.1:9';
const methods = [
  'createAssetsFromArtifacts',
  'getHelmValues',
  'validateConnection',
  'getResourceRequirements',
  'deploy',
  'remove',
  'executeJob',
  'attach',
  'retryFailed',
  'cancel',
  'listRuns',
  'readLogs',
] as const;
const sensorTypes = ['product_succeeded', 'asset_updated', 'file_changed', 'http_ready'];

/** The export of the package and its shape (REQ-021, REQ-029). */
export function defineInterfaceSuite(runner: TestRunner, subject: Subject): void {
  const { describe, it } = runner;
  const { module } = subject;

  describe('interface', () => {
    it('exports what the interface says', () => {
      const shape = pluginShape.safeParse(module);
      assert.ok(shape.success, shape.error?.message);
    });

    it('says who it is', () => {
      const { metadata } = module;
      assert.match(metadata.name, /^[a-z][a-z0-9-]*$/);
      assert.match(metadata.version, /^\d+\.\d+\.\d+/);
      assert.notEqual(metadata.description.trim(), '');
      assert.equal(metadata.floeApiVersion.split('.')[0], floeApiVersion.split('.')[0]);
    });

    it('knows the kinds of sensors that it names', () => {
      for (const sensor of module.capabilities.sensors) assert.ok(sensorTypes.includes(sensor), sensor);
      assert.equal(module.capabilities.localPlatform, module.localPlatform !== undefined);
    });

    it('has every method, and is the same plugin as its package', () => {
      const { plugin } = openPlugin(subject, unusedUrl);
      for (const method of methods) assert.equal(typeof plugin[method], 'function', method);
      assert.deepEqual(plugin.metadata, module.metadata);
      assert.deepEqual(plugin.capabilities, module.capabilities);
    });

    it('refuses settings that it does not know', async () => {
      const misspelled = { ...subject.configFor(unusedUrl), no_such_setting: true };
      assert.ok(!module.configSchema.safeParse(misspelled).success, 'an unknown key is taken silently');
      const error = await errorOf(() => openPlugin({ ...subject, configFor: () => misspelled }, unusedUrl));
      assertUsefulError(error, ['PLUGIN_CONFIG_INVALID']);
    });

    it('asks nobody and reads no secret before it has to', async () => {
      const { plugin, requestsSent, secretsRead } = openPlugin(subject, unusedUrl);
      plugin.createAssetsFromArtifacts(oneModel.artifacts);
      plugin.getHelmValues(oneModel.artifacts);
      plugin.getResourceRequirements(oneModel.artifacts);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual({ requests: requestsSent(), secrets: secretsRead() }, { requests: 0, secrets: 0 });
    });
  });
}
