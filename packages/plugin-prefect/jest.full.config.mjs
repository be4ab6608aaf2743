import preset from '../../jest.preset.mjs';

/** The long matrix on a real, local Prefect. */
export default {
  ...preset,
  displayName: '@floe/plugin-prefect (full)',
  testMatch: ['<rootDir>/tests/full/**/*.full.test.ts'],
  testTimeout: 300_000,
};
