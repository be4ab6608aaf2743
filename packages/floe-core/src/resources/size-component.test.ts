import { describe, expect, it } from '@jest/globals';
import { sizeComponent } from './size-component.js';

describe('sizeComponent', () => {
  it('asks for memory in steps, and allows twice as much', () => {
    expect(sizeComponent(undefined, 250, 200)).toEqual({
      requests: { cpu: '250m', memory: '256Mi' },
      limits: { cpu: '500m', memory: '512Mi' },
    });
  });

  it('takes what the manifest gives', () => {
    const given = { requests: { cpu: '1' }, limits: { memory: '4Gi' } };
    expect(sizeComponent(given, 250, 64)).toEqual({
      requests: { cpu: '1', memory: '64Mi' },
      limits: { cpu: '500m', memory: '4Gi' },
    });
  });
});
