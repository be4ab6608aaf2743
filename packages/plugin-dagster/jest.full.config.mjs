import preset from '../../jest.preset.mjs';

/** The long matrix on a real, local Dagster. */
export default {
  ...preset,
  displayName: '@floe/plugin-dagster (full)',
  testMatch: ['<rootDir>/tests/full/**/*.full.test.ts'],
  testTimeout: 300_000,
};
