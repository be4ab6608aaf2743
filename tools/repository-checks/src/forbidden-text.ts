import type { Repository } from './repository.js';

/** Put together here, so that this file does not match itself. */
const patterns: readonly (readonly [string, RegExp])[] = [
  ['a path of one machine', new RegExp(`(?<![\\w.-])/(?:${['work', 'tmp', 'root', 'home'].join('|')})/[a-z]`)],
  ['a folder beside the repository', new RegExp(['\\.\\./sh', 'ared/'].join(''))],
  [
    'the host of a registry',
    new RegExp(
      [
        ['registry', 'npmjs', 'org'],
        ['pypi', 'org'],
        ['files', 'pythonhosted', 'org'],
      ]
        .map((host) => host.join('\\.'))
        .join('|'),
    ),
  ],
  [
    'a rule switched off',
    new RegExp(`${['eslint', 'disable'].join('-')}|@ts-(?:${['ignore', 'expect-error', 'nocheck'].join('|')})`),
  ],
  ['a test switched off', new RegExp(`\\b(?:it|test|describe)\\.(?:${['skip', 'only', 'todo'].join('|')})\\b`)],
];

const checkedFolders = /^(?:packages|tools|examples|docs|\.github|\.ci)\/|^[^/]+$/;
const notChecked = /(?:^|\/)(?:pnpm-lock\.yaml|LICENSE)$|\/(?:generated|__fixtures__|vectors)\//;
const binary = /\.(?:whl|duckdb|png|ico|gz)$/;
const pathsAllowed = /\.test\.ts$|\/tests\//;

/** `file:line: reason` of every text that does not belong into the project; tests may name paths of machines. */
export function forbiddenText(repository: Repository): string[] {
  return repository.files
    .filter((file) => checkedFolders.test(file) && !notChecked.test(file) && !binary.test(file))
    .flatMap((file) =>
      repository
        .read(file)
        .split('\n')
        .flatMap((line, index) =>
          patterns
            .filter(
              ([reason, pattern]) => pattern.test(line) && !(reason === patterns[0]?.[0] && pathsAllowed.test(file)),
            )
            .map(([reason]) => `${file}:${index + 1}: ${reason}`),
        ),
    );
}
