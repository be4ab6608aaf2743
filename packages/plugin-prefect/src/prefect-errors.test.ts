import { describe, expect, it } from '@jest/globals';
import { answer, recorded } from '../tests/support/prefect-recordings.js';
import { faultOfResponse, messageOf } from './prefect-errors.js';

const context = { server: 'Prefect at http://prefect:4200/api', now: 0 };

describe('faultOfResponse', () => {
  it.each([
    ['401-wrong-password', 'CONNECTION_UNAUTHORIZED', 'Unauthorized'],
    ['404-wrong-base', 'CONNECTION_WRONG_ENDPOINT', 'no such path'],
    ['pool-404', 'PLATFORM_REFUSED', 'Work pool "nope" not found.'],
    ['run-404', 'PLATFORM_REFUSED', 'Deployment not found'],
    ['apiversion-0.7.0', 'PLATFORM_VERSION', 'requires version 0.8.0'],
    ['csrf-post-without-token', 'CONNECTION_FORBIDDEN', 'CSRF'],
    ['503-sqlite', 'PLATFORM_UNHEALTHY', 'Service Unavailable'],
    ['run-409-params', 'PLATFORM_REFUSED', "'abc' is not of type 'integer'"],
    ['post-jobvars-bad', 'PLATFORM_REFUSED', "Validation failed for field 'stream_output'"],
    ['run-unknown-key', 'PLATFORM_REFUSED', 'nope: Extra inputs are not permitted'],
    ['automation-within-5-422', 'PLATFORM_REFUSED', 'greater than or equal to 10 seconds'],
    ['automation-loop-refused', 'PLATFORM_REFUSED', 'infinite loop'],
  ])('reads %s as %s', (name, code, words) => {
    const fault = faultOfResponse(recorded(name), context);
    expect(fault).toMatchObject({ code, status: recorded(name).status });
    expect(fault?.message).toContain(words);
    expect(fault?.resolution.length).toBeGreaterThan(10);
  });

  it('is nothing for an answer that is fine', () => {
    expect(faultOfResponse(answer({}, 201), context)).toBeUndefined();
  });

  it('says where /api may be missing', () => {
    expect(faultOfResponse(recorded('404-wrong-base'), context)?.resolution).toContain('/api');
  });

  it('never repeats the values that Prefect echoes', () => {
    const secret = 'canary-Zq9';
    const body = {
      exception_message: 'Invalid request received.',
      exception_detail: [{ loc: ['body', 'job_variables'], msg: 'Value error, wrong', input: { password: secret } }],
      request_body: { password: secret },
    };
    expect(messageOf(answer(body, 422))).toBe('job_variables: wrong');
    expect(JSON.stringify(faultOfResponse(answer(body, 422), context))).not.toContain(secret);
  });

  it('knows after which answers nothing has happened', () => {
    expect(faultOfResponse(recorded('503-sqlite'), context)).toMatchObject({ nothingHappened: true });
    expect(faultOfResponse(answer({ exception_message: 'Internal Server Error' }, 500), context)).toMatchObject({
      nothingHappened: false,
      retryable: true,
    });
  });
});
