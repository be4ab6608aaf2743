import { parseArgs } from 'node:util';
import { InputError } from '@floe/core/errors/floe-error';

/** What one run of the bench measures. */
export interface BenchOptions {
  readonly orchestrator: string;
  /** Models of the projects that are run; each has as many tests. */
  readonly sizes: readonly number[];
  /** Measured rounds; one more comes before them and is not counted. */
  readonly rounds: number;
  /** Models of the projects whose definitions are loaded. */
  readonly load: readonly number[];
  /** Models of the manifest that is compiled; 0 leaves the compile out. */
  readonly compile: number;
  /** A part of the names of those that run beside the baseline; all when it is absent. The page stays as it is then. */
  readonly only?: string;
  /** Small and once: shows that the bench works, its numbers say nothing and docs/benchmarks.md stays. */
  readonly quick: boolean;
}

const defaults = { sizes: [50, 200], rounds: 5, load: [200, 1_000, 3_000, 10_000], compile: 10_000 };
const quickDefaults = { sizes: [10], rounds: 1, load: [20], compile: 20 };

/** Options of `npm run bench -- …`; lists have commas, `none` is an empty one. @throws InputError USAGE */
export function readOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const base = values.quick ? quickDefaults : defaults;
  return {
    orchestrator: values.orchestrator,
    sizes: values.sizes === undefined ? base.sizes : numbers('--sizes', values.sizes),
    rounds: values.rounds === undefined ? base.rounds : number('--rounds', values.rounds),
    load: values.load === undefined ? base.load : numbers('--load', values.load),
    compile:
      values.compile === undefined ? base.compile : values.compile === 'none' ? 0 : number('--compile', values.compile),
    ...(values.only !== undefined && { only: values.only }),
    quick: values.quick,
  };
}

function parse(args: readonly string[]): {
  readonly orchestrator: string;
  readonly sizes?: string | undefined;
  readonly rounds?: string | undefined;
  readonly load?: string | undefined;
  readonly compile?: string | undefined;
  readonly only?: string | undefined;
  readonly quick: boolean;
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        orchestrator: { type: 'string', default: 'dagster' },
        sizes: { type: 'string' },
        rounds: { type: 'string' },
        load: { type: 'string' },
        compile: { type: 'string' },
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
    throw usage(message);
  }
}

function numbers(option: string, text: string): readonly number[] {
  return text === 'none' ? [] : text.split(',').map((part) => number(option, part.trim()));
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw usage(`${option} takes whole numbers from 1, not "${text}".`);
}

function usage(message: string): InputError {
  return new InputError({
    code: 'USAGE',
    message,
    resolution:
      'npm run bench [-- --orchestrator dagster --sizes 50,200 --rounds 5 --load 200,1000,3000,10000 --compile 10000 --only NAME --quick]; `none` leaves a part out.',
  });
}
