import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readJsonBody } from './json-body.js';

const schema = z.looseObject({ version: z.string() });
const context = { server: 'Dagster at http://localhost:3000', now: 0 };

function read(text: string, contentType = 'application/json'): ReturnType<typeof readJsonBody<typeof schema>> {
  return readJsonBody({ status: 200, text, headers: { 'content-type': contentType } }, schema, context);
}

describe('readJsonBody', () => {
  it('gives what the schema knows and keeps the rest', () => {
    expect(read('{"version":"1.13","more":1}')).toEqual({ ok: true, value: { version: '1.13', more: 1 } });
  });

  it.each([
    [
      '<!DOCTYPE html><html><form><input type="password"></form></html>',
      'text/html',
      'CONNECTION_WRONG_ENDPOINT',
      'a login page',
    ],
    [
      '<html><a href="/sso">Sign in</a></html>',
      'text/html; charset=utf-8',
      'CONNECTION_WRONG_ENDPOINT',
      'a login page',
    ],
    ['\n <!doctype HTML><title>nginx</title>', 'application/json', 'CONNECTION_WRONG_ENDPOINT', 'a page of HTML'],
    ['<p>It works!</p>', 'text/html', 'CONNECTION_WRONG_ENDPOINT', 'a page of HTML'],
    ['{"version"', 'application/json', 'PLATFORM_ANSWER_INVALID', 'a text that is not JSON'],
    ['', 'application/json', 'PLATFORM_ANSWER_INVALID', 'an empty text'],
    ['{"version":1}', 'application/json', 'PLATFORM_ANSWER_INVALID', 'another shape (version:'],
    ['[]', 'application/json', 'PLATFORM_ANSWER_INVALID', 'another shape (the answer:'],
    ['null', 'application/json', 'PLATFORM_ANSWER_INVALID', 'another shape'],
  ])('tells what is wrong with %j', (text, contentType, code, message) => {
    expect(read(text, contentType)).toMatchObject({
      ok: false,
      failure: { code, retryable: false, message: expect.stringContaining(message) as unknown },
    });
  });
});
