import type { EndSignal, SignalSource } from './environment.js';

const endSignals: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface InterruptHandlers {
  /** The first signal: the command is asked to stop and goes on until it has. */
  readonly first: (signal: EndSignal) => void;
  /** Any further signal: the command ends at once. */
  readonly further: (signal: EndSignal) => void;
}

/** An abort signal that follows the signals of the process. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Takes the listeners away; must be called at the end. */
  dispose(): void;
}

/** Listens for SIGINT, SIGTERM and SIGHUP: the first aborts with `reason`, the next one is for `further`. */
export function listenForInterrupts(
  source: SignalSource,
  reason: () => unknown,
  handlers: InterruptHandlers,
): Interruption {
  const controller = new AbortController();
  const listeners = endSignals.map((name) => {
    const listener = (): void => {
      if (controller.signal.aborted) {
        handlers.further(name);
      } else {
        handlers.first(name);
        controller.abort(reason());
      }
    };
    source.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    dispose() {
      for (const { name, listener } of listeners) source.off(name, listener);
    },
  };
}
