import type { Redactor } from '@floe/core/redaction/redactor';

const secretName =
  /TOKEN|PASSWORD|(?:^|_)PASS(?:_|$)|PASSWD|PASSPHRASE|SECRET|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIAL/i;
/** Shorter values would also be found in harmless text. */
const shortestSecret = 6;

/** Remembers the values of environment variables with secret-looking names, so that no tool's message shows them. */
export function registerEnvironmentSecrets(
  variables: Readonly<Record<string, string | undefined>>,
  redactor: Redactor,
): void {
  for (const [name, value] of Object.entries(variables)) {
    if (secretName.test(name)) register(value, redactor);
  }
}

/** Remembers the variables that a generated dbt profile reads: there only secrets are given as `env_var()`. */
export function registerProfileSecrets(
  profiles: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string | undefined>>,
  redactor: Redactor,
): void {
  for (const [, name = ''] of JSON.stringify(profiles).matchAll(/env_var\('([A-Za-z_][A-Za-z0-9_]*)'/g)) {
    register(variables[name], redactor);
  }
}

function register(value: string | undefined, redactor: Redactor): void {
  if (value !== undefined && value.length >= shortestSecret && !isPlace(value)) redactor.register(value);
}

/** Paths are where a secret lies, not the secret. */
function isPlace(value: string): boolean {
  return value.startsWith('/') || value.startsWith('./') || value.startsWith('~');
}
