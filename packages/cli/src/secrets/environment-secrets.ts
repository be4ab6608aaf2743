import type { Redactor } from '@floe/core/redaction/redactor';

const secretName = /TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIAL/i;
/** Shorter values would also be found in harmless text. */
const shortestSecret = 6;

/** Remembers the values of environment variables with secret-looking names, so that no tool's message shows them. */
export function registerEnvironmentSecrets(
  variables: Readonly<Record<string, string | undefined>>,
  redactor: Redactor,
): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && value.length >= shortestSecret && secretName.test(name) && !isPlace(value))
      redactor.register(value);
  }
}

/** Paths are where a secret lies, not the secret. */
function isPlace(value: string): boolean {
  return value.startsWith('/') || value.startsWith('./') || value.startsWith('~');
}
