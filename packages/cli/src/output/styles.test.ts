import { describe, expect, it } from '@jest/globals';
import { createStyles, wantsColor } from './styles.js';

describe('wantsColor', () => {
  it.each([
    [{ requested: true, isTerminal: true, variables: {} }, true],
    [{ requested: true, isTerminal: false, variables: {} }, false],
    [{ requested: false, isTerminal: true, variables: { FORCE_COLOR: '1' } }, false],
    [{ requested: true, isTerminal: true, variables: { NO_COLOR: '1' } }, false],
    [{ requested: true, isTerminal: false, variables: { FORCE_COLOR: '1' } }, true],
    [{ requested: true, isTerminal: true, variables: { FORCE_COLOR: '0' } }, false],
    [{ requested: true, isTerminal: true, variables: { TERM: 'dumb' } }, false],
  ])('%j is %s', (question, expected) => {
    expect(wantsColor(question)).toBe(expected);
  });
});

describe('createStyles', () => {
  it('leaves the text alone when colours are off', () => {
    expect(createStyles(false).red('x')).toBe('x');
    expect(createStyles(true).red('x')).toBe('\u001b[31mx\u001b[39m');
  });
});
