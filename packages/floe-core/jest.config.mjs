import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: '@floe/core',
  testPathIgnorePatterns: ['\\.real\\.test\\.ts$', '\\.full\\.test\\.ts$', '/node_modules/'],
};
