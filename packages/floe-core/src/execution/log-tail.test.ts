import { describe, expect, it } from '@jest/globals';
import { LogTail } from './log-tail.js';

const redactor = {
  register: () => undefined,
  redactText: (text: string) => text.replace('secret', '***'),
  redactValue: (value: unknown) => value,
};
const line = (text: string) => ({ at: null, level: 'info', text }) as const;

describe('LogTail', () => {
  it('keeps the end, redacted and of bounded size', () => {
    const tail = new LogTail(redactor);
    expect(tail.append([line('a secret')])).toEqual([line('a ***')]);
    tail.append(Array.from({ length: 2_000 }, (_, index) => line(String(index))));
    expect(tail.lines).toHaveLength(500);
    expect(tail.lines.at(-1)?.text).toBe('1999');
    expect(tail.append([line('x'.repeat(100_000))])[0]?.text.length).toBeLessThan(4_100);
  });
});
