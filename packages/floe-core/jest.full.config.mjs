import preset from '../../jest.preset.mjs';

/** The long tests of test-full: many more random schedules than the unit run takes. */
export default { ...preset, displayName: '@floe/core full', testMatch: ['<rootDir>/src/**/*.full.test.ts'] };
