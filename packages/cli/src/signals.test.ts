import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { listenForInterrupts } from './signals.js';

describe('listenForInterrupts', () => {
  it('aborts at the first signal and hands on every further one', () => {
    const source = new EventEmitter();
    const seen: string[] = [];
    const interruption = listenForInterrupts(source, () => 'the reason', {
      first: (name) => seen.push(`first ${name}`),
      further: (name) => seen.push(`further ${name}`),
    });
    expect(interruption.signal.aborted).toBe(false);
    source.emit('SIGTERM');
    expect(interruption.signal.reason).toBe('the reason');
    source.emit('SIGINT');
    source.emit('SIGHUP');
    expect(seen).toEqual(['first SIGTERM', 'further SIGINT', 'further SIGHUP']);
    interruption.dispose();
    expect(source.eventNames()).toEqual([]);
  });
});
