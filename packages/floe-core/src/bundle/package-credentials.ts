import type { Problem } from '../errors/problem.js';

/** `https://user:password@host` or `https://token@host`, unless the secret is a template such as env_var(). */
const urlWithUser = /\b[a-z][a-z0-9+.-]*:\/\/(?<user>[^\s/@"']+)@/giu;

/** Files of a dbt project that may hold the URL of a private package. */
export const packageFileNames: ReadonlySet<string> = new Set(['packages.yml', 'dependencies.yml', 'package-lock.yml']);

/** Passwords and tokens in package URLs, by line. The text of the URL is not repeated. */
export function packageCredentialProblems(text: string, file: string): Problem[] {
  return text.split('\n').flatMap((content, index): Problem[] => {
    const users = [...content.matchAll(urlWithUser)].map((match) => match.groups?.user ?? '');
    if (users.every((user) => user === 'git' || user.includes('{{'))) return [];
    return [
      {
        code: 'SECRET_IN_PLAIN_TEXT',
        severity: 'error',
        message: 'The URL of a package has a password or a token in it, which would be delivered with the product.',
        resolution: `Write it as {{ env_var('DBT_ENV_SECRET_NAME') }} and run dbt deps again.`,
        location: { file, line: index + 1 },
      },
    ];
  });
}
