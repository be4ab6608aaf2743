import { z } from 'zod';

/** How far the log of one try of a task was read. */
export interface LogPosition {
  /** The try; 0 before the first. */
  readonly tryNumber: number;
  /** Airflow's token for what comes next; null is the beginning. */
  readonly token: string | null;
  /** Items that were read, for the case that the token is refused. */
  readonly seen: number;
  /** True when the log was read to its end. */
  readonly complete: boolean;
}

/** How far a run was read, and what must be remembered of it. */
export interface RunCursor {
  readonly log: LogPosition;
  /** Milliseconds since the epoch at which the run was first seen cancelled while its process may still be at work. */
  readonly cancelledAt: number | null;
}

/** Before anything was read. */
export const logBeginning: LogPosition = { tryNumber: 0, token: null, seen: 0, complete: false };

const positionSchema = z.object({
  tryNumber: z.number(),
  token: z.string().nullable(),
  seen: z.number(),
  complete: z.boolean(),
});
const cursorSchema = z.object({ log: positionSchema, cancelledAt: z.number().nullable() });

/** A cursor of the run driver; null is the beginning. */
export function parseRunCursor(text: string | null): RunCursor {
  return text === null ? { log: logBeginning, cancelledAt: null } : cursorSchema.parse(JSON.parse(text));
}

export function writeRunCursor(cursor: RunCursor): string {
  return JSON.stringify(cursor);
}

/** A cursor of a log; null is the beginning. */
export function parseLogCursor(text: string | null): LogPosition {
  return text === null ? logBeginning : positionSchema.parse(JSON.parse(text));
}

export function writeLogCursor(position: LogPosition): string {
  return JSON.stringify(position);
}
