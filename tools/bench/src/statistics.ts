/** The middle of several measurements, with their spread. */
export interface Summary {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  readonly count: number;
}

/** Median of at least one number; of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle];
  if (upper === undefined || lower === undefined) throw new RangeError('There is no median of nothing.');
  return (lower + upper) / 2;
}

/** Median, lowest and highest of at least one number. */
export function summarize(values: readonly number[]): Summary {
  return {
    median: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    count: values.length,
  };
}

/**
 * Median of the ratios of measurements that were taken in the same round, so that a machine which is slower for a while
 * slows both. Rounds that one of the two lacks are left out; undefined when there is none in common.
 */
export function pairedRatio(
  values: readonly (number | undefined)[],
  baseline: readonly (number | undefined)[],
): number | undefined {
  const ratios = values.flatMap((value, round) => {
    const base = baseline[round];
    return value === undefined || base === undefined || base <= 0 ? [] : [value / base];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}
