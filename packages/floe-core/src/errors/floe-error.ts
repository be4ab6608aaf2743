import { errorCategories, exitCodeOf, type ErrorCategory, type ErrorCode } from './error-codes.js';
import { formatLocation, type Problem } from './problem.js';

const marker = Symbol.for('floe.error');

/** What an error is made of. `context` holds plain data without secrets. */
export interface FloeErrorOptions {
  readonly code: ErrorCode;
  readonly message: string;
  /** The next step for the person who reads it. */
  readonly resolution: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly problems?: readonly Problem[];
}

/** The shape of an error in `--output json` and in a JobResult. */
export interface ErrorDocument {
  readonly code: ErrorCode;
  readonly message: string;
  readonly resolution: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly problems?: readonly Problem[];
}

/**
 * Base of every error that leaves floe: a stable code, a message, the next step, no secret.
 * Recognise it with `FloeError.isInstance`, which also works across two installed copies of this package.
 */
export class FloeError extends Error {
  readonly code: ErrorCode;
  readonly resolution: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];

  constructor(options: FloeErrorOptions) {
    super(options.message);
    Object.defineProperty(this, marker, { value: true });
    this.name = new.target.name;
    this.code = options.code;
    this.resolution = options.resolution;
    this.context = options.context ?? {};
    this.problems = options.problems ?? [];
  }

  /** What the failure means for the caller. */
  get category(): ErrorCategory {
    return errorCategories[this.code];
  }

  /** Exit status of the `floe` command. */
  get exitCode(): number {
    return exitCodeOf(this.code);
  }

  /** Plain data for `--output json`: never a stack trace. */
  toJSON(): ErrorDocument {
    return {
      code: this.code,
      message: this.message,
      resolution: this.resolution,
      context: this.context,
      ...(this.problems.length > 0 && { problems: this.problems }),
    };
  }

  /** True for an error of floe, whichever copy of the package made it. */
  static isInstance(value: unknown): value is FloeError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}

/** Wrong input of the user: files, settings, options. Carries every finding, not only the first. */
export class InputError extends FloeError {
  /** Makes one error out of findings; the first error names the code. */
  static fromProblems(problems: readonly Problem[]): InputError {
    const errors = problems.filter((problem) => problem.severity === 'error');
    const first = errors[0];
    if (first === undefined) throw new TypeError('InputError.fromProblems needs at least one error');
    const place = first.location === undefined ? '' : `${formatLocation(first.location)}: `;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    return new InputError({
      code: first.code,
      message: `${place}${first.message}${more}`,
      resolution: first.resolution,
      problems,
    });
  }
}

/**
 * An orchestrator refused, failed or could not be observed (REQ-028): code, message, next step and context
 * (job, node, the end of the log). Never a stack trace, never a secret.
 */
export class PluginExecutionError extends FloeError {}
