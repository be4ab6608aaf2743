import { compareText } from '../../text/compare-text.js';

/** Orders versions of models as dbt does: numbers as numbers when both are numbers, else as text. */
export function compareVersions(left: string, right: string): number {
  const numbers = [Number(left), Number(right)] as const;
  if (left.trim() !== '' && right.trim() !== '' && numbers.every((number) => Number.isFinite(number))) {
    return Math.sign(numbers[0] - numbers[1]);
  }
  return compareText(left, right);
}
