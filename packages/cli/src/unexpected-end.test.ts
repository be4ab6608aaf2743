import { describe, expect, it } from '@jest/globals';
import { reportUnexpectedEnd } from './unexpected-end.js';

function report(thrown: unknown, variables: Record<string, string> = {}): { text: string; exitCode: number } {
  let text = '';
  const exitCode = reportUnexpectedEnd(thrown, variables, { write: (part) => (text += part) });
  return { text, exitCode };
}

describe('reportUnexpectedEnd', () => {
  it('is a sentence with a next step, without stack and secrets', () => {
    const { text, exitCode } = report(new Error('socket of canary-55aa66bb broke'), { API_TOKEN: 'canary-55aa66bb' });
    expect(exitCode).toBe(3);
    expect(text).toContain('error INTERNAL: floe met an error of its own: socket of *** broke\n  next: ');
    expect(text).not.toMatch(/\n\s+at /);
  });

  it('shows the stack with FLOE_DEBUG=1', () => {
    expect(report(new Error('x'), { FLOE_DEBUG: '1' }).text).toMatch(/Error: x\n\s+at /);
  });
});
