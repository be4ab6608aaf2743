import type { Redactor } from '@floe/core/redaction/redactor';
import type { GlobalOptions } from './command-start.js';
import type { CliEnvironment } from './environment.js';
import type { Output } from './output/output.js';
import type { Services } from './project/services.js';

/** What a command works with. */
export interface CommandContext {
  readonly environment: CliEnvironment;
  readonly globals: GlobalOptions;
  readonly output: Output;
  readonly redactor: Redactor;
  /** Aborts at the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  readonly services: Services;
  /** Says what the first signal leads to, for example that the run is cancelled. */
  announceInterruption(text: string): void;
}
