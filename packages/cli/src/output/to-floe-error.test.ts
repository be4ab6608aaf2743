import { describe, expect, it } from '@jest/globals';
import { InputError } from '@floe/core/errors/floe-error';
import { readFile } from 'node:fs/promises';
import { toFloeError } from './to-floe-error.js';

describe('toFloeError', () => {
  it('keeps errors of floe', () => {
    const error = new InputError({ code: 'USAGE', message: 'm', resolution: 'r' });
    expect(toFloeError(error)).toBe(error);
  });

  it('explains errors of the file system', async () => {
    const missing: unknown = await readFile('/does/not/exist').catch((error: unknown) => error);
    expect(toFloeError(missing)).toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: '/does/not/exist does not exist.',
      exitCode: 2,
    });
    const folder: unknown = await readFile('/').catch((error: unknown) => error);
    expect(toFloeError(folder)).toMatchObject({ code: expect.stringMatching(/INTERNAL|FILE_UNREADABLE/) });
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: '/etc/shadow' });
    expect(toFloeError(denied)).toMatchObject({ code: 'FILE_UNREADABLE', exitCode: 2 });
  });

  it('knows an abort', () => {
    const reason: unknown = AbortSignal.abort().reason;
    expect(toFloeError(reason)).toMatchObject({ code: 'CANCELLED', exitCode: 130 });
  });

  it.each([new RangeError('too deep'), 'text', undefined])('calls %p an error of floe itself', (thrown) => {
    expect(toFloeError(thrown)).toMatchObject({ code: 'INTERNAL', exitCode: 3 });
    expect(toFloeError(thrown).message).toContain(thrown instanceof RangeError ? 'too deep' : String(thrown));
  });
});
