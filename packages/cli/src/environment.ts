import type { Clock } from '@floe/core/time/clock';
import type { Random } from '@floe/core/time/random';
import type { Services } from './project/services.js';

/** Where text goes; process.stdout and process.stderr are two. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Signals that end the command. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Where signals come from; `process` is one. */
export interface SignalSource {
  on(signal: EndSignal, listener: () => void): unknown;
  off(signal: EndSignal, listener: () => void): unknown;
}

/** Everything that the command takes from its process; tests give their own. */
export interface CliEnvironment {
  /** The working directory. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly signals: SignalSource;
  readonly clock: Clock;
  readonly random: Random;
  /** Loads the heavy parts when a command needs them. */
  loadServices(): Promise<Services>;
  /** Ends the process at once; injected, so that a test sees it and lives on. */
  endProcess(code: number): void;
}
