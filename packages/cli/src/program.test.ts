import { describe, expect, it } from '@jest/globals';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { readFileSync } from 'node:fs';
import { createProgram } from './program.js';

const program = createProgram(() => Promise.resolve(), {
  stdout: { write: () => true },
  stderr: { write: () => true },
});
const guide = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

function allCommands(
  command: CommandUnknownOpts,
  path = command.name(),
): { path: string; command: CommandUnknownOpts }[] {
  return command.commands.flatMap((child) => {
    const childPath = `${path} ${child.name()}`;
    return [{ path: childPath, command: child }, ...allCommands(child, childPath)];
  });
}

describe('the program', () => {
  it('has the commands of the design', () => {
    const names = program.commands.map((command) => command.name());
    expect(names).toEqual(
      'compile generate deploy run status logs cancel retry remove doctor platform plugins graph'.split(' '),
    );
  });

  it.each(allCommands(program))('describes $path in docs/cli.md with every option', ({ path, command }) => {
    const headings = guide.split('\n').filter((line) => line.startsWith('#'));
    expect(headings.some((line) => line.replace(/^#+ /, '') === path)).toBe(true);
    expect(command.description()).not.toBe('');
    for (const option of command.options) expect(guide).toContain(option.long ?? option.flags);
  });

  it('describes every global option in docs/cli.md', () => {
    for (const option of program.options.filter((candidate) => candidate.long !== '--version')) {
      expect(guide).toContain(option.long);
    }
  });
});
