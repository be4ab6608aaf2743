import { describe, expect, it } from '@jest/globals';
import { shellCommands } from './readme-commands.js';
import { openRepository } from './repository.js';

describe('README.md', () => {
  const repository = openRepository();
  const commands = shellCommands(repository.read('README.md'));

  it('has exactly two commands', () => {
    expect(commands).toEqual(['npm run demo', 'npm test']);
  });

  it('names commands that package.json has', () => {
    const { scripts } = JSON.parse(repository.read('package.json')) as { scripts: Record<string, string> };
    expect(scripts).toMatchObject({ demo: expect.any(String), test: expect.any(String) });
  });
});

describe('shellCommands', () => {
  it('reads shell blocks only', () => {
    expect(shellCommands('```sh\nnpm test # all\n# note\n```\n```yaml\na: b\n```\n')).toEqual(['npm test']);
  });
});
