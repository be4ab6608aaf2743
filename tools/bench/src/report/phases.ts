/** A moment in milliseconds since the epoch, with the name of the phase that it ends; undefined when it is not known. */
export type PhaseEnd = readonly [label: string, at: number | undefined];

/** Seconds of the phases of a run by name, in order; an unknown moment adds its time to the next phase. */
export function phasesBetween(start: number, ends: readonly PhaseEnd[]): Readonly<Record<string, number>> {
  const phases: Record<string, number> = {};
  let before = start;
  for (const [label, at] of ends) {
    if (at === undefined) continue;
    phases[label] = (at - before) / 1_000;
    before = at;
  }
  return phases;
}

/** Seconds between two times as an API writes them, or undefined when one is missing. */
export function secondsBetween(start: string | null, end: string | null): number | undefined {
  const [from, to] = [timeOf(start), timeOf(end)];
  return from === undefined || to === undefined ? undefined : (to - from) / 1_000;
}

/** Milliseconds since the epoch of an ISO 8601 time. */
export function timeOf(text: string | null | undefined): number | undefined {
  const time = text == null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** The earliest of some times, or undefined when there is none. */
export function earliest(texts: readonly (string | null)[]): number | undefined {
  const times = texts.flatMap((text) => timeOf(text) ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The latest of some times, or undefined when there is none. */
export function latest(texts: readonly (string | null)[]): number | undefined {
  const times = texts.flatMap((text) => timeOf(text) ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}
