import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { parseCron, type Cron } from './cron.js';

/** Times that the readers inside of Dagster, Airflow and Prefect all gave, in UTC. */
const recorded = z
  .object({ start: z.string(), cases: z.array(z.object({ written: z.string(), next: z.array(z.string()) })) })
  .parse(JSON.parse(readFileSync(new URL('__fixtures__/cron-next-times.json', import.meta.url), 'utf8')));

function parsed(text: string): Cron {
  const cron = parseCron(text);
  if (!cron.ok) throw new Error(`${text}: ${cron.failure}`);
  return cron.value;
}

/** The next times by looking at every day: on either day field when both are given. */
function nextTimes(cron: Cron, after: string, count: number): string[] {
  const [, , dayOfMonth, , dayOfWeek] = cron.expression.split(' ');
  const isEither = dayOfMonth !== '*' && dayOfWeek !== '*';
  const times: string[] = [];
  for (const day = new Date(after); times.length < count; day.setUTCDate(day.getUTCDate() + 1)) {
    const inMonth = cron.daysOfMonth.includes(day.getUTCDate());
    const inWeek = cron.daysOfWeek.includes(day.getUTCDay());
    if (!cron.months.includes(day.getUTCMonth() + 1) || !(isEither ? inMonth || inWeek : inMonth && inWeek)) continue;
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const time = new Date(day);
        time.setUTCHours(hour, minute);
        if (time > new Date(after) && times.length < count) times.push(`${time.toISOString().slice(0, 16)}Z`);
      }
    }
  }
  return times;
}

describe('parseCron', () => {
  it.each(recorded.cases.map(({ written, next }) => [written, next] as const))(
    'reads %s as the orchestrators do',
    (written, next) => {
      expect(nextTimes(parsed(written), recorded.start, next.length)).toEqual(next);
    },
  );

  it('writes macros out, names in capitals and one space between fields', () => {
    expect(parsed('@Daily').expression).toBe('0 0 * * *');
    expect(parsed('  0  6 *\t* mon-fri ').expression).toBe('0 6 * * MON-FRI');
    expect(parsed('0 0 * * 5-7').daysOfWeek).toEqual([0, 5, 6]);
  });

  it.each([
    ['', 'it is empty; five fields are needed: minute, hour, day of month, month, day of week'],
    ['0 0 * *', 'it has 4 fields instead of five (minute, hour, day of month, month, day of week)'],
    [
      '0 0 0 * * *',
      'it has 6 fields instead of five (minute, hour, day of month, month, day of week); seconds and years are not supported',
    ],
    ['daily', 'it has 1 field instead of five (minute, hour, day of month, month, day of week)'],
    [
      '@reboot',
      '"@reboot" is not known; use five fields or one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually',
    ],
    ['CRON_TZ=UTC 0 0 * * *', 'the time zone has a field of its own, "timezone"'],
    ['R 0 * * *', 'minute "R": "R" (a random time) would differ at every load; write a number'],
    ['R(0-5) 0 * * *', 'minute "R(0-5)": "R" (a random time) would differ at every load; write a number'],
    ['H 0 * * *', 'minute "H": "H" (a hashed time) is not supported everywhere; write a number'],
    ['0 0 L * *', 'day of month "L": "L" is not supported everywhere; write numbers'],
    ['0 0 15W * *', 'day of month "15W": "W" is not supported everywhere; write numbers'],
    ['0 0 * * 5L', 'day of week "5L": "L" is not supported everywhere; write numbers'],
    ['0 0 * * 5#2', 'day of week "5#2": "#" (the nth weekday of a month) is not supported everywhere'],
    ['0 0 ? * *', 'day of month "?": "?" is not supported everywhere; write "*"'],
    ['60 0 * * *', 'minute "60": 60 is not from 0 to 59'],
    ['0 24 * * *', 'hour "24": 24 is not from 0 to 23'],
    ['0 0 0 * *', 'day of month "0": 0 is not from 1 to 31'],
    ['0 0 * 13 *', 'month "13": 13 is not from 1 to 12'],
    ['0 0 * * 8', 'day of week "8": 8 is not from 0 to 7'],
    ['0 0 * * MO', 'day of week "MO": "MO" is not a name here; known are SUN, MON, TUE, WED, THU, FRI, SAT'],
    ['0 MON * * *', 'hour "MON": "MON" is not a number from 0 to 23'],
    ['*/0 * * * *', 'minute "*/0": a step of 0 never moves on; write 1 or more'],
    ['*/60 * * * *', 'minute "*/60": the step 60 is larger than the range 0-59, so only 0 would be left; write that'],
    [
      '*/999 * * * *',
      'minute "*/999": the step 999 is larger than the range 0-59, so only 0 would be left; write that',
    ],
    [
      '0-30/40 * * * *',
      'minute "0-30/40": the step 40 is larger than the range 0-30, so only 0 would be left; write that',
    ],
    ['5/15 * * * *', 'minute "5/15": a step needs "*" or a range in front; write 5-59/15'],
    ['5-3 * * * *', 'minute "5-3": the range "5-3" runs backwards; write two ranges in a list'],
    ['0 22-2 * * *', 'hour "22-2": the range "22-2" runs backwards; write two ranges in a list'],
    [
      '0 0 * * FRI-SUN',
      'day of week "FRI-SUN": the range "FRI-SUN" runs backwards; Sunday is 0 or 7, so Friday to Sunday is 5-7',
    ],
    ['*-5 * * * *', 'minute "*-5": "*" is not a number from 0 to 59'],
    ['1,,2 * * * *', 'minute "1,,2": a comma has nothing on one side'],
    ['*,5 * * * *', 'minute "*,5": "*" in a list makes the other items useless; write "*" alone or list the values'],
    ['1/2/3 * * * *', 'minute "1/2/3": "1/2/3" has more than one "/"'],
    ['1-2-3 * * * *', 'minute "1-2-3": "1-2-3" has more than one "-"'],
    ['-1 * * * *', 'minute "-1": a value is missing'],
    ['1.5 * * * *', 'minute "1.5": "1.5" is not a number from 0 to 59'],
    ['0 0 31 2 *', 'day 31 never comes in month 2, so it would never run'],
    ['0 0 30 2 *', 'day 30 never comes in month 2, so it would never run'],
    ['0 0 31 APR,JUN *', 'day 31 never comes in month APR,JUN, so it would never run'],
    ['0 0 30 2 1', 'day 30 never comes in month 2, so the orchestrators refuse it; write "*" as the day of month'],
    [
      '0 0 */2 * 1',
      'day of month "*/2" together with day of week "1" is read differently by the orchestrators; ' +
        'write "*" in one of the two fields, or list the days instead of "*/2"',
    ],
    [
      '0 0 1 * 0-6',
      'day of month "1" together with day of week "0-6" is read differently by the orchestrators; ' +
        'write "*" in one of the two fields, or list the days instead of "0-6"',
    ],
  ])('refuses %j', (text, reason) => {
    expect(parseCron(text)).toEqual({ ok: false, failure: reason });
  });

  /** A field, and the values that it stands for. */
  function field(first: number, last: number): fc.Arbitrary<{ text: string; values: number[] }> {
    const value = fc.integer({ min: first, max: last });
    const item = fc.tuple(value, value, fc.option(fc.integer({ min: 1, max: last }))).map(([one, two, step]) => {
      const [from, to] = [Math.min(one, two), Math.max(one, two)];
      if (from === to) return { text: String(from), values: [from] };
      const size = step === null ? 1 : Math.min(step, to - from);
      const values = Array.from({ length: Math.floor((to - from) / size) + 1 }, (_, index) => from + index * size);
      return { text: step === null ? `${from}-${to}` : `${from}-${to}/${size}`, values };
    });
    return fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => ({
      text: items.map(({ text }) => text).join(','),
      values: [...new Set(items.flatMap(({ values }) => values))].sort((left, right) => left - right),
    }));
  }

  it('reads every list of values, ranges and steps', () => {
    fc.assert(
      fc.property(field(0, 59), field(0, 23), field(1, 28), field(1, 12), (minute, hour, day, month) => {
        const cron = parsed([minute.text, hour.text, day.text, month.text, '*'].join(' '));
        expect([cron.minutes, cron.hours, cron.daysOfMonth, cron.months]).toEqual([
          minute.values,
          hour.values,
          day.values,
          month.values,
        ]);
        expect(cron.daysOfWeek).toEqual([0, 1, 2, 3, 4, 5, 6]);
      }),
    );
  });

  it('answers any text with a sentence, and its own expression with itself', () => {
    const token = fc.constantFrom('*', '/', '-', ',', '0', '1', '7', '31', 'MON', 'L', '?', ' ', '@');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(token, { maxLength: 20 }).map((tokens) => tokens.join('')),
        ),
        (text) => {
          const cron = parseCron(text);
          if (cron.ok) expect(parseCron(cron.value.expression)).toEqual(cron);
          else expect(cron.failure.length).toBeGreaterThan(10);
        },
      ),
      { numRuns: 500 },
    );
  });
});
