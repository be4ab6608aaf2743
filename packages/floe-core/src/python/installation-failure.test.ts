import { describe, expect, it } from '@jest/globals';
import type { CommandEnd, CommandOutcome } from '../process/child-process.js';
import { installationFailure, withoutAddresses } from './installation-failure.js';

function ended(stderr: string, end: CommandEnd = { kind: 'exited', exitCode: 2 }): CommandOutcome {
  return { ...end, stdout: '', stderr, truncated: false, durationMs: 1 };
}

describe('installationFailure', () => {
  it.each([
    ['error: failed to write: No space left on device (os error 28)', 'the disk is full'],
    ['Hash mismatch for `six==1.17.0`', 'not the one that was locked'],
    ['ERROR: THESE PACKAGES DO NOT MATCH THE HASHES', 'not the one that was locked'],
    ['invalid peer certificate: UnknownIssuer', 'is not trusted'],
    ['Request failed: HTTP status client error (403 Forbidden)', 'refused the download'],
    ['error sending request: dns error: failed to lookup address information', 'could not be downloaded'],
    ['No matching distribution found for uv==0.13.9', 'does not exist for this machine'],
    ['a panic', 'the installer ended with exit status 2'],
  ])('names the cause of %j', (stderr, message) => {
    const error = installationFailure('uv pip install', ended(stderr), 'tiny');
    expect(error.code).toBe('PYTHON_ENVIRONMENT_FAILED');
    expect(error.message).toContain(message);
    expect(error.resolution).not.toBe('');
  });

  it('tells a cancelled installation and one that was too slow from a failed one', () => {
    expect(installationFailure('step', ended('', { kind: 'cancelled' }), 'tiny').code).toBe('CANCELLED');
    expect(installationFailure('step', ended('', { kind: 'timed_out' }), 'tiny').message).toContain('took too long');
    expect(installationFailure('step', ended('', { kind: 'signalled', signal: 'SIGKILL' }), 'tiny').message).toContain(
      'SIGKILL',
    );
    expect(
      installationFailure('step', { kind: 'not_started', reason: 'not_executable', message: 'no' }, 'tiny').message,
    ).toContain('no');
  });

  it('keeps the end of the output, without addresses', () => {
    const output = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n');
    const error = installationFailure(
      'step',
      ended(`${output}\nFailed to fetch: https://me:pw@index.example.com/x`),
      'tiny',
    );
    expect(error.context.output).toHaveLength(15);
    expect(JSON.stringify(error)).not.toMatch(/pw|example/);
  });
});

describe('withoutAddresses', () => {
  it('removes URLs and host names of indexes, not versions and files', () => {
    expect(
      withoutAddresses(
        "HTTPSConnectionPool(host='a.example', port=443): https://u:p@h/simple six-1.17.0 files.example.org/x",
      ),
    ).toBe("HTTPSConnectionPool(host='<package index>', port=443): <package index> six-1.17.0 <package index>/x");
  });
});
