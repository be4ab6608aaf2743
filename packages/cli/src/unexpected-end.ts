import { createRedactor } from '@floe/core/redaction/create-redactor';
import { types } from 'node:util';
import type { OutputStream } from './environment.js';
import { exitCodeFor } from './exit-code.js';
import { renderError } from './output/error-report.js';
import { createStyles } from './output/styles.js';
import { toFloeError } from './output/to-floe-error.js';
import { registerEnvironmentSecrets } from './secrets/environment-secrets.js';

/** The last resort for errors that nobody caught: says so without a stack trace and returns the exit status. */
export function reportUnexpectedEnd(
  thrown: unknown,
  variables: Readonly<Record<string, string | undefined>>,
  stderr: OutputStream,
): number {
  const redactor = createRedactor();
  registerEnvironmentSecrets(variables, redactor);
  const error = toFloeError(thrown);
  const text = renderError(error.toJSON(), { styles: createStyles(false), directory: process.cwd() });
  const stack = variables.FLOE_DEBUG === '1' && types.isNativeError(thrown) ? `\n${thrown.stack ?? ''}` : '';
  stderr.write(`${redactor.redactText(text + stack)}\n`);
  return exitCodeFor(error.code);
}
