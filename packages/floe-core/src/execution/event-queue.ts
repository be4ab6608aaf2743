import type { RunEvent } from './run-events.js';

/** Events kept for a consumer that is slow or absent. */
const capacity = 10_000;

/**
 * Progress events between the driver and one consumer. Never blocks the driver and never grows without limit: when
 * nobody reads, the oldest log lines go first, then the oldest events.
 */
export class EventQueue implements AsyncIterable<RunEvent> {
  #events: RunEvent[] = [];
  #closed = false;
  #waiting: (() => void)[] = [];

  push(event: RunEvent): void {
    if (this.#closed) return;
    if (this.#events.length >= capacity) this.#shrink();
    this.#events.push(event);
    this.#notify();
  }

  /** Ends the iteration after what is still in the queue. */
  close(): void {
    this.#closed = true;
    this.#notify();
  }

  [Symbol.asyncIterator](): AsyncIterator<RunEvent, undefined> {
    return {
      next: async () => {
        for (;;) {
          const event = this.#events.shift();
          if (event !== undefined) return { done: false, value: event };
          if (this.#closed) return { done: true, value: undefined };
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
      },
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
  }

  #shrink(): void {
    const withoutLogs = this.#events.filter((event) => event.type !== 'log');
    this.#events = withoutLogs.slice(Math.max(0, withoutLogs.length - capacity / 2));
  }

  #notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
