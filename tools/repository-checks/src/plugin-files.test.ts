import { describe, expect, it } from '@jest/globals';
import { pluginFileDifferences } from './plugin-files.js';
import { openRepository, repositoryOf } from './repository.js';

describe('pluginFileDifferences', () => {
  it('finds none in this repository', () => {
    const repository = openRepository();
    expect(repository.files.some((file) => file.startsWith('packages/plugin-'))).toBe(true);
    expect(pluginFileDifferences(repository)).toEqual([]);
  });

  it('finds missing files and foreign names', () => {
    const repository = repositoryOf({
      'packages/plugin-x/src/index.ts': '',
      'packages/plugin-x/src/x-plugin.ts': '',
      'packages/plugin-x/src/helper.ts': '',
    });
    const differences = pluginFileDifferences(repository);
    expect(differences).toContain('packages/plugin-x/src/x-config.ts is missing');
    expect(differences).toContain('packages/plugin-x/src/helper.ts does not begin with x-');
    expect(differences).not.toContain('packages/plugin-x/src/x-plugin.ts is missing');
  });
});
