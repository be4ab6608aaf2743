import { createRedactor } from '@floe/core/redaction/create-redactor';
import { types } from 'node:util';
import type { BoundCommand, GlobalOptions } from './command-start.js';
import type { CliEnvironment } from './environment.js';
import { exitCodeFor } from './exit-code.js';
import { createOutput, type Output } from './output/output.js';
import { cancelledError, toFloeError } from './output/to-floe-error.js';
import { registerEnvironmentSecrets } from './secrets/environment-secrets.js';
import { listenForInterrupts } from './signals.js';

/** Runs a parsed command between its signals and its output; returns the exit status and never throws. */
export async function executeCommand(
  globals: GlobalOptions,
  command: BoundCommand,
  environment: CliEnvironment,
): Promise<number> {
  const redactor = createRedactor();
  registerEnvironmentSecrets(environment.variables, redactor);
  const { directory, variables, stdout, stderr } = environment;
  const output = createOutput({
    format: globals.output,
    color: globals.color,
    directory,
    variables,
    stdout,
    stderr,
    redactor,
  });
  let announcement = 'stopping the command';
  const interruption = listenForInterrupts(environment.signals, cancelledError, {
    first: (name) => {
      output.progress(`${name}: ${announcement}; once more ends floe at once`);
    },
    further: () => {
      environment.endProcess(130);
    },
  });
  try {
    const result = await command({
      environment,
      globals,
      output,
      redactor,
      signal: interruption.signal,
      services: await environment.loadServices(),
      announceInterruption(text) {
        announcement = text;
      },
    });
    output.finish(result);
    return result.exitCode;
  } catch (thrown) {
    const error = toFloeError(thrown);
    const exitCode = exitCodeFor(error.code);
    output.finish({ exitCode, error: error.toJSON() });
    if (variables.FLOE_DEBUG === '1') printStack(thrown, output);
    return exitCode;
  } finally {
    interruption.dispose();
  }
}

function printStack(thrown: unknown, output: Output): void {
  if (types.isNativeError(thrown) && thrown.stack !== undefined) output.progress(thrown.stack);
}
