import type { JobResult } from '@floe/core/execution/job-result';

/** A line for each observer of the run that could not send everything; empty when all is well. */
export function observerLines({ observers = {} }: JobResult): string[] {
  return Object.entries(observers).flatMap(([name, { failed, dropped, spooled, note }]) => {
    if (failed + dropped + spooled === 0 && note === null) return [];
    const counts = [
      ...(failed + dropped > 0 ? [`${failed + dropped} lost`] : []),
      ...(spooled > 0 ? [`${spooled} kept for the next run`] : []),
    ];
    return [`${name}: ${counts.join(', ') || 'off'}${note === null ? '' : ` (${note})`}`];
  });
}
