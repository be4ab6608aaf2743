import preset from '../../jest.preset.mjs';

/** A short run on a real, local Prefect. */
export default {
  ...preset,
  displayName: '@floe/plugin-prefect (real)',
  testMatch: ['<rootDir>/tests/real/**/*.real.test.ts'],
  testTimeout: 180_000,
};
