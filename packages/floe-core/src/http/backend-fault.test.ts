import { describe, expect, it } from '@jest/globals';
import { errorCategories } from '../errors/error-codes.js';
import {
  describeServer,
  faultOfStatus,
  faultOfTransport,
  parseRetryAfter,
  provesNothingHappened,
} from './backend-fault.js';
import type { HttpResponse, TransportFaultKind } from './http-client.js';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const context = { server: 'Dagster at http://localhost:3000', now };

function answer(status: number, text = '', headers: Record<string, string> = {}): HttpResponse {
  return { status, text, headers };
}

describe('faultOfTransport', () => {
  it.each<[TransportFaultKind, string, boolean, boolean]>([
    ['unknown_host', 'CONNECTION_UNREACHABLE', true, true],
    ['refused', 'CONNECTION_UNREACHABLE', true, true],
    ['reset', 'CONNECTION_UNREACHABLE', true, false],
    ['network', 'CONNECTION_UNREACHABLE', true, false],
    ['tls', 'CONNECTION_TLS', false, true],
    ['timeout', 'CONNECTION_TIMEOUT', true, false],
    ['cancelled', 'CANCELLED', false, false],
    ['truncated', 'PLATFORM_ANSWER_INVALID', true, false],
    ['too_large', 'PLATFORM_ANSWER_INVALID', false, false],
    ['not_http', 'CONNECTION_WRONG_ENDPOINT', false, false],
    ['redirect', 'CONNECTION_WRONG_ENDPOINT', false, true],
  ])('maps %s to %s', (kind, code, retryable, nothingHappened) => {
    const fault = faultOfTransport({ kind, message: '' }, { ...context, setting: 'url of manifest.yaml' });
    expect(fault).toMatchObject({ code, retryable });
    expect(fault.message).toMatch(/^Dagster at http:\/\/localhost:3000 /);
    expect(fault.resolution).not.toContain('<setting>');
    expect(provesNothingHappened(kind)).toBe(nothingHappened);
  });

  it('names the target of a redirect', () => {
    const fault = faultOfTransport({ kind: 'redirect', message: '', redirectTo: 'https://login.example' }, context);
    expect(fault.message).toContain('https://login.example');
  });
});

describe('faultOfStatus', () => {
  it.each([
    [400, 'PLATFORM_REFUSED', false],
    [401, 'CONNECTION_UNAUTHORIZED', false],
    [403, 'CONNECTION_FORBIDDEN', false],
    [404, 'CONNECTION_WRONG_ENDPOINT', false],
    [405, 'CONNECTION_WRONG_ENDPOINT', false],
    [407, 'CONNECTION_UNAUTHORIZED', false],
    [408, 'CONNECTION_TIMEOUT', true],
    [409, 'PLATFORM_REFUSED', false],
    [418, 'PLATFORM_REFUSED', false],
    [422, 'PLATFORM_REFUSED', false],
    [429, 'PLATFORM_REFUSED', true],
    [500, 'PLATFORM_UNHEALTHY', true],
    [501, 'CONNECTION_WRONG_ENDPOINT', false],
    [502, 'PLATFORM_UNHEALTHY', true],
    [503, 'PLATFORM_UNHEALTHY', true],
    [504, 'PLATFORM_UNHEALTHY', true],
    [599, 'PLATFORM_UNHEALTHY', true],
    [304, 'PLATFORM_ANSWER_INVALID', false],
  ])('maps %d to %s', (status, code, retryable) => {
    expect(faultOfStatus(answer(status), context)).toMatchObject({ code, retryable });
  });

  it('has a category for every status, and none for success', () => {
    for (let status = 100; status < 600; status += 1) {
      const fault = faultOfStatus(answer(status), context);
      if (status >= 200 && status < 300) expect(fault).toBeUndefined();
      else expect(errorCategories).toHaveProperty(fault?.code ?? 'none');
    }
  });

  it.each([
    ['{"detail":"no such run"}', ': no such run'],
    ['{"detail":[{"msg":"field required","loc":["body"]}]}', ': field required'],
    ['{"error":{"message":"first line\\nTraceback (most recent call last)"}}', ': first line'],
    [`{"title":"${'x'.repeat(1_000)}"}`, `: ${'x'.repeat(300)}`],
    ['{"detail":{"nested":{"message":"too deep"}}}', ''],
    ['{"detail":""}', ''],
    ['{"half":', ''],
    ['<html>secret</html>', ''],
  ])('takes the message of %j', (body, message) => {
    expect(faultOfStatus(answer(409, body), context)?.message).toBe(
      `Dagster at http://localhost:3000 refused the request, because it conflicts with what is there${message}`,
    );
  });

  it('keeps how long the server asks to wait', () => {
    expect(faultOfStatus(answer(429, '', { 'retry-after': '7' }), context)?.retryAfter).toBe(7);
    expect(faultOfStatus(answer(429), context)).not.toHaveProperty('retryAfter');
  });
});

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    [' 12 ', 12],
    ['9999999', 86_400],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60],
    ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    ['-3x', undefined],
    [undefined, undefined],
  ])('reads %j', (value, seconds) => {
    expect(parseRetryAfter(value, now)).toBe(seconds);
  });
});

describe('describeServer', () => {
  it('hides what may be secret', () => {
    expect(describeServer('Dagster', 'https://me:pw@host:3000/dagster?token=x#y')).toBe(
      'Dagster at https://host:3000/dagster',
    );
    expect(describeServer('Dagster', 'pw')).toBe('Dagster at an address that is no URL');
  });
});
