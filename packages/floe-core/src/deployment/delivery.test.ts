import { describe, expect, it } from '@jest/globals';
import { deliveryDirectory, rollOut } from './delivery.js';

const missing = { to: 'Fake', example: '/opt/fake' };

describe('delivery', () => {
  it('is to the folder of the options, else of the manifest, else to none', () => {
    expect(deliveryDirectory({ kind: 'directory', path: '/a' }, {}, missing)).toBe('/a');
    expect(deliveryDirectory({ kind: 'directory', path: '/a' }, { directory: '/b' }, missing)).toBe('/b');
    expect(deliveryDirectory({ kind: 'image', ref: 'r' }, {}, missing)).toBeUndefined();
  });

  it('has to be told by the manifest', () => {
    expect(() => deliveryDirectory(undefined, {}, missing)).toThrow('how the bundle comes to Fake');
  });

  it.each([
    [{ kind: 'directory', path: '/a' }, 'look there'],
    [{ kind: 'image', ref: 'shop:1' }, 'Build the image shop:1'],
    [
      { kind: 'git', url: 'https://git.example.com/a', ref: 'main' },
      'Push the bundle (`floe generate`) to https://git',
    ],
  ] as const)('says what is to be done for %j', (delivery, words) => {
    expect(rollOut(delivery, {}, 'look there')).toContain(words);
  });
});
