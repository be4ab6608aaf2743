import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions, isNewerVersion, versionRefusal } from './contract-version.js';

describe('contract versions', () => {
  it('are compared as numbers', () => {
    expect(compareVersions('0.9.0', '0.10.0')).toBeLessThan(0);
    expect(compareVersions('0.10.0', '0.10.0')).toBe(0);
    expect(compareVersions('0.10.1', '0.10.0')).toBeGreaterThan(0);
  });

  it('are refused from 1.0.0 on', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.nat(200), (major, minor, patch) => {
        expect(versionRefusal(`${major}.${minor}.${patch}`) === undefined).toBe(major === 0);
      }),
    );
    expect(isNewerVersion('0.9.0')).toBe(false);
    expect(isNewerVersion('0.11.1')).toBe(true);
  });
});
