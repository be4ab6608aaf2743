import { z } from 'zod';

const phases = ['queued', 'starting', 'running', 'cancelling'] as const;

const runCursorSchema = z.object({
  /** Phase of the last look that found the run alive. */
  phase: z.enum(phases),
  /** The terminal state that was seen once, and when; it counts when it is seen again. */
  ended: z.object({ state: z.string(), at: z.number() }).nullable(),
  /** End of the newest node that was read. */
  nodesUntil: z.string().nullable(),
  /** True once it was told that another run of the product kept this one out. */
  turnedAway: z.boolean(),
});

/** How far a run was read, and what must be remembered of it. */
export type RunCursor = z.infer<typeof runCursorSchema>;

/** A cursor of the run driver; null is the beginning. */
export function parseRunCursor(text: string | null): RunCursor {
  const beginning = { phase: 'queued', ended: null, nodesUntil: null, turnedAway: false } as const;
  return text === null ? beginning : runCursorSchema.parse(JSON.parse(text));
}

export function writeRunCursor(cursor: RunCursor): string {
  return JSON.stringify(cursor);
}

const logCursorSchema = z.object({
  /** Time of the newest line that was read. */
  until: z.string().nullable(),
  /** Lines near that time, which come again when the overlap is read. */
  seen: z.array(z.string()),
});

/** How far a log was read. */
export type LogCursor = z.infer<typeof logCursorSchema>;

export function parseLogCursor(text: string | null): LogCursor {
  return text === null ? { until: null, seen: [] } : logCursorSchema.parse(JSON.parse(text));
}

export function writeLogCursor(cursor: LogCursor): string {
  return JSON.stringify(cursor);
}
