import { failure, success, type Outcome } from '../outcome/outcome.js';
import type { Problem } from '../errors/problem.js';
import type { Clock } from '../time/clock.js';

/** The time of a compile as ISO 8601 text: SOURCE_DATE_EPOCH (seconds) when set, else the clock. */
export function compiledAt(sourceDateEpoch: string | undefined, clock: Clock): Outcome<string, Problem> {
  if (sourceDateEpoch === undefined || sourceDateEpoch === '') return success(format(clock.now()));
  const seconds = Number(sourceDateEpoch);
  if (/^\d{1,11}$/u.test(sourceDateEpoch) && seconds <= 253_402_300_799) return success(format(seconds * 1000));
  return failure({
    code: 'INVALID_VALUE',
    severity: 'error',
    message: 'The environment variable SOURCE_DATE_EPOCH is not a number of seconds.',
    resolution: 'Set it to whole seconds since 1970, or unset it.',
  });
}

function format(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
