import preset from '../../jest.preset.mjs';

/** Tests that install and start real programs. */
export default {
  ...preset,
  displayName: '@floe/core (real)',
  testMatch: ['<rootDir>/src/**/*.real.test.ts'],
  testTimeout: 180_000,
};
