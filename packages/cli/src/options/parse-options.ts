import { InvalidArgumentError } from '@commander-js/extra-typings';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds from `90`, `90s`, `30m` or `1.5h`. */
export function parseSeconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text);
  const seconds =
    match === null
      ? Number.NaN
      : Number(match[1]) * (units[match[2] === undefined || match[2] === '' ? 's' : match[2]] ?? 1);
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new InvalidArgumentError('Give seconds above 0, or a number with a unit: 90, 90s, 30m, 2h.');
  }
  return seconds;
}

/** A whole number from `smallest`. */
export function parseCount(smallest: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= smallest)) throw new InvalidArgumentError(`Give a whole number from ${smallest}.`);
    return number;
  };
}

/** The key of a run: what the orchestrators take in tags and names. */
export function parseRunKey(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text)) {
    throw new InvalidArgumentError('Give 1 to 128 letters, digits, ".", "_" or "-", beginning with a letter or digit.');
  }
  return text;
}
