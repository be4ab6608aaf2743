import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readYaml } from './yaml-source.js';

describe('readYaml', () => {
  it('finds keys and values, through aliases, sequences and other spellings', () => {
    const { locator, value } = readYaml('base: &base\n  dependsOn: [a, b]\nother: *base\n', 'a.yaml');
    expect(value).toEqual({ base: { dependsOn: ['a', 'b'] }, other: { dependsOn: ['a', 'b'] } });
    expect(locator.locate(['base', 'dependsOn', 1])).toEqual({
      file: 'a.yaml',
      line: 2,
      column: 18,
      node: 'base.dependsOn[1]',
    });
    expect(locator.locate(['other', 'depends_on', 0])).toMatchObject({ line: 2, column: 15 });
    expect(locator.locate(['base', 'dependsOn'], 'key')).toMatchObject({ line: 2, column: 3 });
  });

  it('points at the nearest parent of what is not there', () => {
    const { locator } = readYaml('a:\n  b: 1\n', 'a.yaml');
    expect(locator.locate(['a', 'c', 'd'])).toEqual({ file: 'a.yaml', line: 2, column: 3, node: 'a.c.d' });
    expect(locator.locate([])).toEqual({ file: 'a.yaml', line: 1, column: 1 });
  });

  it.each([
    ['', 'the empty text'],
    ['# only a comment\n', 'comments'],
    ['---\n', 'an empty document'],
    ['~\n', 'null'],
  ])('calls %j empty (%s)', (text) => {
    expect(readYaml(text, 'a.yaml').problems).toMatchObject([
      { code: 'MISSING_VALUE', location: { line: 1, column: 1 } },
    ]);
  });

  it('refuses alias bombs', () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 8 }, (_, index) => {
      const name = String.fromCharCode(98 + index);
      const before = String.fromCharCode(97 + index);
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]\n`;
    }).join('')}`;
    expect(readYaml(bomb, 'a.yaml').problems).toMatchObject([{ code: 'YAML_SYNTAX' }]);
  });

  it.each([
    ['password: "hunter2secret\n'],
    ['password: hunter2secret: b\n'],
    ["password: 'hunter2secret'x\n"],
    ['password: &hunter2secret\n  *other\n'],
    ['password: *hunter2secret\n'],
    ['password: @hunter2secret\n'],
    ['password: %hunter2secret\n'],
    ['- a\nhunter2secret\n'],
    ['a: [hunter2secret\nb: }\n'],
    ['password: !hunter2secret x\n? [a]\n'],
    ['{password: hunter2secret\n'],
    ['hunter2secret: 1\nhunter2secret: 2\n'],
  ])('does not repeat the text of %j', (text) => {
    const { problems } = readYaml(text, 'a.yaml');
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('never throws and never repeats words of the text', () => {
    const word = fc.constantFrom(
      'hunter2',
      ': ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '\n',
      '  ',
      '&a ',
      '*a',
      '!',
      '|',
      '>',
      '#',
      '?',
      ',',
      '\t',
      '@',
      '%',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 14 }), (words) => {
        const { problems } = readYaml(words.join(''), 'a.yaml');
        expect(JSON.stringify(problems)).not.toContain('hunter2');
      }),
      { numRuns: 500 },
    );
  });
});
