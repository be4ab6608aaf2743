import { spawn, type ChildProcess } from 'node:child_process';
import type { CallOptions } from '../time/call-options.js';
import { createCapturedOutput } from './captured-output.js';
import { explainStartFailure, type Command, type StartFailure } from './command.js';
import { endGroup, signalGroup, type GroupEnd } from './process-group.js';

export interface RunCommandOptions extends CallOptions {
  /** Bytes of standard output, and of standard error, that are kept; of more only the end. */
  readonly maxOutputBytes: number;
  /** Time between TERM and KILL in milliseconds; default 5,000. */
  readonly graceMs?: number;
  /** Gets each line of both streams as it comes. */
  readonly log?: (line: string) => void;
}

/** What a program wrote. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** True if the beginning of a stream was dropped. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** How a program ended. `signalled`: somebody else ended it by a signal. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'cancelled' };

export type CommandOutcome = (CommandEnd & CommandOutput) | ({ readonly kind: 'not_started' } & StartFailure);

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const defaultGraceMs = 5_000;
/** Output that is still on its way when every process of the group has ended. */
const outputWaitMs = 1_000;

/**
 * Runs a program to its end in a process group of its own. When the promise settles no process of the group is left:
 * on a deadline or an abort the group gets TERM and then KILL, and whatever the program left in its group is ended too.
 * Never rejects for what the program does; rejects only if `log` throws.
 * @param command what to run
 * @param options deadline over everything, signal, limits of what is kept
 */
export async function runCommand(command: Command, options: RunCommandOptions): Promise<CommandOutcome> {
  const began = performance.now();
  const nothing = { stdout: '', stderr: '', truncated: false, durationMs: 0 };
  if (options.signal.aborted) return { kind: 'cancelled', ...nothing };
  if (options.timeoutMs <= 0) return { kind: 'timed_out', ...nothing };

  let child: ChildProcess;
  try {
    child = spawn(command.command, [...command.args], {
      cwd: command.cwd,
      env: { ...command.env },
      detached: true,
      stdio: [command.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    return { kind: 'not_started', ...(await explainStartFailure(command, error)) };
  }

  const group = child.pid;
  if (group === undefined) {
    const error = await new Promise<unknown>((resolve) => child.once('error', resolve));
    return { kind: 'not_started', ...(await explainStartFailure(command, error)) };
  }

  let logError: { readonly error: unknown } | undefined;
  let asked: 'timed_out' | 'cancelled' | undefined;
  let ending: Promise<GroupEnd> | undefined;
  const end = (): Promise<GroupEnd> => (ending ??= endGroup(group, options.graceMs ?? defaultGraceMs));
  const stop = (): void => {
    void end().then((result) => {
      if (result === 'survived') survived();
    });
  };
  const log = (line: string): void => {
    if (logError !== undefined) return;
    try {
      options.log?.(line);
    } catch (error) {
      logError = { error };
      stop();
    }
  };
  const onLine = options.log === undefined ? undefined : log;
  const stdout = createCapturedOutput(options.maxOutputBytes, onLine);
  const stderr = createCapturedOutput(options.maxOutputBytes, onLine);
  child.stdout?.on('data', stdout.add);
  child.stderr?.on('data', stderr.add);
  child.stdin?.on('error', () => undefined); // the program may end before it has read its input
  child.stdin?.end(command.input);

  const { exited, closed } = watch(child);
  let survived: () => void = () => undefined;
  const stuck = new Promise<Exit>((resolve) => {
    survived = () => {
      resolve({ code: null, signal: null });
    };
  });

  const timer = setTimeout(() => {
    asked ??= 'timed_out';
    stop();
  }, options.timeoutMs);
  const onAbort = (): void => {
    asked ??= 'cancelled';
    stop();
  };
  options.signal.addEventListener('abort', onAbort, { once: true });
  const onProcessExit = (): void => {
    signalGroup(group, 'SIGKILL');
  };
  process.once('exit', onProcessExit);

  try {
    const exit = await Promise.race([exited, stuck]);
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
    // What the program left behind may hold the pipes open, so it goes before their end is awaited.
    await end();
    await within(outputWaitMs, closed);
    child.stdout?.destroy();
    child.stderr?.destroy();
    stdout.finish();
    stderr.finish();
    if (logError !== undefined) throw logError.error;
    const output = {
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated() || stderr.truncated(),
      durationMs: performance.now() - began,
    };
    if (asked !== undefined) return { kind: asked, ...output };
    if (exit.signal !== null) return { kind: 'signalled', signal: exit.signal, ...output };
    return { kind: 'exited', exitCode: exit.code ?? 1, ...output };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
    process.off('exit', onProcessExit);
  }
}

/** The two ends of a child: of the process, and of its output. */
function watch(child: ChildProcess): { exited: Promise<Exit>; closed: Promise<void> } {
  return {
    exited: new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve({ code, signal });
      });
    }),
    closed: new Promise((resolve) => {
      child.once('close', () => {
        resolve();
      });
    }),
  };
}

async function within(milliseconds: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([promise, limit]);
  clearTimeout(timer);
}
