import { failure, success, type Outcome } from '../outcome/outcome.js';
import { cronFields, parseCronField, type CronField } from './cron-field.js';

/** A schedule that every orchestrator reads in the same way. */
export interface Cron {
  /** Five fields, one space between them, macros such as `@daily` written out, names in capitals. */
  readonly expression: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[];
}

const macros: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/**
 * Reads a cron expression in the grammar that Dagster, Airflow and Prefect have in common and understand alike:
 * five fields with numbers, names, ranges, steps on `*` or a range, lists, 0 or 7 for Sunday, and `@daily`-style macros.
 * Everything that one of them refuses or reads in its own way is refused with a sentence (no full stop at its end).
 */
export function parseCron(text: string): Outcome<Cron, string> {
  const trimmed = text.trim();
  if (trimmed === '')
    return failure('it is empty; five fields are needed: minute, hour, day of month, month, day of week');
  if (trimmed.startsWith('@')) {
    const expression = Object.hasOwn(macros, trimmed.toLowerCase()) ? macros[trimmed.toLowerCase()] : undefined;
    if (expression !== undefined) return parseCron(expression);
    return failure(`"${trimmed}" is not known; use five fields or one of ${Object.keys(macros).join(', ')}`);
  }
  if (/^(?:CRON_)?TZ=/iu.test(trimmed)) return failure('the time zone has a field of its own, "timezone"');
  const parts = trimmed.split(/\s+/u);
  if (parts.length !== cronFields.length) {
    const hint = parts.length === 6 ? '; seconds and years are not supported' : '';
    return failure(
      `it has ${parts.length === 1 ? '1 field' : `${parts.length} fields`} instead of five (minute, hour, day of month, month, day of week)${hint}`,
    );
  }
  const fields: CronField[] = [];
  for (const [position, field] of cronFields.entries()) {
    const parsed = parseCronField(field, parts[position] ?? '');
    if (!parsed.ok) return failure(`${field.name} "${parts[position] ?? ''}": ${parsed.failure}`);
    fields.push(parsed.value);
  }
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = fields;
  if (!minutes || !hours || !daysOfMonth || !months || !daysOfWeek) return failure('it is incomplete');
  const days = checkDays(daysOfMonth, months, daysOfWeek);
  if (days !== undefined) return failure(days);
  return success({
    expression: fields.map((field) => field.text).join(' '),
    minutes: minutes.values,
    hours: hours.values,
    daysOfMonth: daysOfMonth.values,
    months: months.values,
    daysOfWeek: daysOfWeek.values,
  });
}

const longestMonths: readonly number[] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is wrong with the days, or undefined. */
function checkDays(daysOfMonth: CronField, months: CronField, daysOfWeek: CronField): string | undefined {
  const isPossible = months.values.some((month) =>
    daysOfMonth.values.some((day) => day <= (longestMonths[month - 1] ?? 0)),
  );
  if (!isPossible) {
    const effect =
      daysOfWeek.text === '*' ? 'it would never run' : 'the orchestrators refuse it; write "*" as the day of month';
    return `day ${daysOfMonth.text} never comes in month ${months.text}, so ${effect}`;
  }
  if (daysOfMonth.text === '*' || daysOfWeek.text === '*') return undefined;
  // With both given, cron runs on either; whether a star with a step counts as given differs between the platforms.
  const unclear = [daysOfMonth, daysOfWeek].find((field) => field.isComplete || field.text.includes('*'));
  if (unclear === undefined) return undefined;
  return (
    `day of month "${daysOfMonth.text}" together with day of week "${daysOfWeek.text}" is read differently by the ` +
    `orchestrators; write "*" in one of the two fields, or list the days instead of "${unclear.text}"`
  );
}
