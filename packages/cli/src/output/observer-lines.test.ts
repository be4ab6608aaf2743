import { describe, expect, it } from '@jest/globals';
import { sampleResult } from '../../tests/support/fake-execution.js';
import { observerLines } from './observer-lines.js';

const fine = { sent: 4, failed: 0, dropped: 0, spooled: 0, resent: 0, note: null };

describe('observerLines', () => {
  it('is silent when everything was sent, and without observers', () => {
    expect(observerLines(sampleResult('succeeded'))).toEqual([]);
    expect(observerLines({ ...sampleResult('succeeded'), observers: { openlineage: fine } })).toEqual([]);
  });

  it('says what was lost or kept, and why', () => {
    const observers = {
      openlineage: { ...fine, spooled: 3, note: 'the receiver of lineage does not answer' },
      opentelemetry: { ...fine, failed: 2, dropped: 1 },
      observers: { ...fine, sent: 0, note: 'the Python package floe-observers is not installed' },
    };
    expect(observerLines({ ...sampleResult('succeeded'), observers })).toEqual([
      'openlineage: 3 kept for the next run (the receiver of lineage does not answer)',
      'opentelemetry: 3 lost',
      'observers: off (the Python package floe-observers is not installed)',
    ]);
  });
});
