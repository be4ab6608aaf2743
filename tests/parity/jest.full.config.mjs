import preset from '../../jest.preset.mjs';

/** Products through the command on real, local orchestrators. */
export default {
  ...preset,
  displayName: '@floe/parity (full)',
  testMatch: ['<rootDir>/full/**/*.full.test.ts'],
  testTimeout: 300_000,
};
