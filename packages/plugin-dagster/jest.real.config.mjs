import preset from '../../jest.preset.mjs';

/** A short run on a real, local Dagster. */
export default {
  ...preset,
  displayName: '@floe/plugin-dagster (real)',
  testMatch: ['<rootDir>/tests/real/**/*.real.test.ts'],
  testTimeout: 180_000,
};
