import preset from '../../jest.preset.mjs';

/** A short run on a real, local Airflow. */
export default {
  ...preset,
  displayName: '@floe/plugin-airflow (real)',
  testMatch: ['<rootDir>/tests/real/**/*.real.test.ts'],
  testTimeout: 180_000,
};
