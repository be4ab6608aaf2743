import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { runRequestSchema } from '@floe/core/execution/run-request';
import { productParameters, runRequestParameter, sensorParameters } from './prefect-parameters.js';

const ajv = new Ajv2020({ strict: false });
const acceptsRun = ajv.compile(productParameters);
const acceptsLook = ajv.compile(sensorParameters);
const request = { protocol: 1, key: 'run-1' };

describe('productParameters', () => {
  it('know every field of a run request, and take a complete one', () => {
    expect(Object.keys(runRequestParameter.properties).sort()).toEqual(Object.keys(runRequestSchema.shape).sort());
    expect(acceptsRun({ floe: runRequestSchema.parse(request) })).toBe(true);
    expect(acceptsRun({ floe: { ...request, ids: ['model.shop.a'], timeout: 1.5, vars: { day: null } } })).toBe(true);
  });

  it('take a run without a request, and one of a schedule', () => {
    expect(acceptsRun({})).toBe(true);
    expect(acceptsRun({ floe: null, job: 'shop', trigger: 'schedule:daily' })).toBe(true);
  });

  it.each([
    ['an unknown parameter', { request }],
    ['an unknown field', { floe: { ...request, selct: 'a' } }],
    ['a wrong type', { floe: { ...request, threads: '4' } }],
    ['a bad key', { floe: { ...request, key: '-' } }],
    ['another protocol', { floe: { ...request, protocol: 2 } }],
    ['no time', { floe: { ...request, timeout: 0 } }],
  ])('refuse %s', (_, parameters) => {
    expect(acceptsRun(parameters)).toBe(false);
  });
});

describe('sensorParameters', () => {
  it('name one sensor', () => {
    expect(acceptsLook({ sensor: 'on_file' })).toBe(true);
    expect(acceptsLook({})).toBe(false);
    expect(acceptsLook({ sensor: 'on_file', more: 1 })).toBe(false);
  });
});
