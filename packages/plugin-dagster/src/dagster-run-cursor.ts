import { z } from 'zod';

/** How far a run's events were read, and what must be remembered of them. */
export interface RunCursor {
  /** Dagster's own cursor; null is the beginning. */
  readonly events: string | null;
  readonly timedOut: boolean;
  readonly lost: boolean;
}

const cursorSchema = z.object({ events: z.string().nullable(), timedOut: z.boolean(), lost: z.boolean() });

/** A cursor of the run driver; null is the beginning. */
export function parseRunCursor(text: string | null): RunCursor {
  const beginning = { events: null, timedOut: false, lost: false };
  return text === null ? beginning : cursorSchema.parse(JSON.parse(text));
}

export function writeRunCursor(cursor: RunCursor): string {
  return JSON.stringify(cursor);
}
