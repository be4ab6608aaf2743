import preset from '../../jest.preset.mjs';

/** The long matrix on a real, local Airflow. */
export default {
  ...preset,
  displayName: '@floe/plugin-airflow (full)',
  testMatch: ['<rootDir>/tests/full/**/*.full.test.ts'],
  testTimeout: 300_000,
};
