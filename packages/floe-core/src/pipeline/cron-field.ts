import { failure, success, type Outcome } from '../outcome/outcome.js';

/** What one field of a cron expression may hold. */
export interface CronFieldRule {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** Names by value, from `first`; empty when the field has none. */
  readonly names: readonly string[];
}

/** One field that was read. */
export interface CronField {
  readonly text: string;
  /** Sorted, without duplicates. */
  readonly values: readonly number[];
  /** Every value of the field is in it. */
  readonly isComplete: boolean;
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export const cronFields: readonly CronFieldRule[] = [
  { name: 'minute', first: 0, last: 59, names: [] },
  { name: 'hour', first: 0, last: 23, names: [] },
  { name: 'day of month', first: 1, last: 31, names: [] },
  { name: 'month', first: 1, last: 12, names: monthNames },
  // 7 is Sunday once more.
  { name: 'day of week', first: 0, last: 7, names: dayNames },
];

/** Reads a list of values, ranges and steps; the failure says what is wrong without naming the field. */
export function parseCronField(rule: CronFieldRule, text: string): Outcome<CronField, string> {
  const upper = text.toUpperCase();
  const special = findSpecial(rule, upper);
  if (special !== undefined) return failure(special);
  const values = new Set<number>();
  const items = upper.split(',');
  for (const item of items) {
    const parsed = parseItem(rule, item, items.length > 1);
    if (!parsed.ok) return parsed;
    for (const value of parsed.value) values.add(isSunday(rule, value) ? 0 : value);
  }
  const size = isDayOfWeek(rule) ? 7 : rule.last - rule.first + 1;
  const sorted = [...values].sort((left, right) => left - right);
  return success({ text: upper, values: sorted, isComplete: sorted.length === size });
}

function findSpecial(rule: CronFieldRule, text: string): string | undefined {
  if (text.includes('?')) return '"?" is not supported everywhere; write "*"';
  if (text.includes('#')) return '"#" (the nth weekday of a month) is not supported everywhere';
  const words = text.split(/[^A-Z]+/u).filter((word) => word !== '');
  for (const word of words) {
    if (rule.names.includes(word)) continue;
    if (word === 'R') return '"R" (a random time) would differ at every load; write a number';
    if (word === 'H') return '"H" (a hashed time) is not supported everywhere; write a number';
    if (word === 'L' || word === 'W' || word === 'LW') return `"${word}" is not supported everywhere; write numbers`;
    if (rule.names.length > 0) return `"${word}" is not a name here; known are ${rule.names.join(', ')}`;
    return `"${word}" is not a number from ${rule.first} to ${rule.last}`;
  }
  return undefined;
}

function parseItem(rule: CronFieldRule, item: string, isInList: boolean): Outcome<number[], string> {
  if (item === '') return failure('a comma has nothing on one side');
  const [range = '', step, ...more] = item.split('/');
  if (more.length > 0) return failure(`"${item}" has more than one "/"`);
  const bounds = parseRange(rule, range, isInList);
  if (!bounds.ok) return bounds;
  const [first, last] = bounds.value;
  if (step === undefined) return success(sequence(first, last, 1));
  if (!range.includes('*') && !range.includes('-')) {
    return failure(
      `a step needs "*" or a range in front; write ${first}-${last === first ? lastOf(rule) : last}/${step}`,
    );
  }
  if (!/^\d{1,4}$/u.test(step)) return failure(`the step "${step}" is not a whole number`);
  const size = Number(step);
  if (size === 0) return failure('a step of 0 never moves on; write 1 or more');
  if (size > last - first) {
    return failure(
      `the step ${size} is larger than the range ${first}-${last}, so only ${first} would be left; write that`,
    );
  }
  return success(sequence(first, last, size));
}

function parseRange(rule: CronFieldRule, text: string, isInList: boolean): Outcome<readonly [number, number], string> {
  if (text === '*') {
    if (isInList) return failure('"*" in a list makes the other items useless; write "*" alone or list the values');
    return success([rule.first, lastOf(rule)]);
  }
  const [from = '', to, ...more] = text.split('-');
  if (more.length > 0) return failure(`"${text}" has more than one "-"`);
  const first = parseValue(rule, from);
  if (!first.ok) return first;
  if (to === undefined) return success([first.value, first.value]);
  const last = parseValue(rule, to);
  if (!last.ok) return last;
  if (first.value > last.value) {
    const hint = isDayOfWeek(rule) ? 'Sunday is 0 or 7, so Friday to Sunday is 5-7' : 'write two ranges in a list';
    return failure(`the range "${text}" runs backwards; ${hint}`);
  }
  if (first.value === last.value) return failure(`the range "${text}" has only one value; write "${from}"`);
  return success([first.value, last.value]);
}

function parseValue(rule: CronFieldRule, text: string): Outcome<number, string> {
  const name = rule.names.indexOf(text);
  if (name >= 0) return success(name + rule.first);
  if (text === '') return failure('a value is missing');
  if (!/^\d{1,2}$/u.test(text)) return failure(`"${text}" is not a number from ${rule.first} to ${rule.last}`);
  const value = Number(text);
  if (value < rule.first || value > rule.last) {
    return failure(`${value} is not from ${rule.first} to ${rule.last}`);
  }
  return success(value);
}

function sequence(first: number, last: number, step: number): number[] {
  const values: number[] = [];
  for (let value = first; value <= last; value += step) values.push(value);
  return values;
}

function isDayOfWeek(rule: CronFieldRule): boolean {
  return rule.names === dayNames;
}

function isSunday(rule: CronFieldRule, value: number): boolean {
  return isDayOfWeek(rule) && value === 7;
}

/** The last value of "*": 6 for weekdays, since 7 is 0 again. */
function lastOf(rule: CronFieldRule): number {
  return isDayOfWeek(rule) ? 6 : rule.last;
}
