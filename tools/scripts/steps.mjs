// Runs the commands of a script one after the other: progress lines, times, and an end without leftovers on Ctrl-C.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const binaries = join(root, 'node_modules', '.bin');

const heartbeatMs = 20_000;
const graceMs = 20_000;
const scriptStart = Date.now();

/** A step that ended with another status than 0; `output` is what it printed, if that was held back. */
export class StepFailed extends Error {
  constructor(label, status, output) {
    super(`${label} failed with status ${String(status)}`);
    this.label = label;
    this.status = status;
    this.output = output;
  }
}

/** Ctrl-C, or another request to end. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

let interrupted;
let interruptible = true;
const running = new Set();

export function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Environment of every command: Node 24 and the locked tools of the repository come first. */
export function environment(extra = {}) {
  return { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`, ...extra };
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // the group has ended
  }
}

function interrupt(signal) {
  if (interrupted !== undefined) return;
  interrupted = signal;
  if (!interruptible) return;
  for (const child of running) {
    signalGroup(child, 'SIGINT');
    setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs).unref();
  }
}

/**
 * Runs a command in a process group of its own and waits for it.
 * @param label what the user reads
 * @param options.quiet hold the output back; it is printed when the command fails
 * @param options.capture return what the command prints on stdout
 * @param options.allowFailure return the status instead of throwing
 */
export async function run(label, command, args, options = {}) {
  if (interruptible && interrupted !== undefined) throw new Interrupted(interrupted);
  const start = Date.now();
  const held = [];
  const captured = [];
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    detached: true,
    stdio: ['ignore', options.quiet || options.capture ? 'pipe' : 'inherit', options.quiet ? 'pipe' : 'inherit'],
  });
  running.add(child);
  child.stdout?.on('data', (chunk) => (options.capture ? captured : held).push(chunk));
  child.stderr?.on('data', (chunk) => held.push(chunk));
  const heartbeat = setInterval(() => {
    if (options.quiet) say(`  … ${label} (${seconds(start)})`);
  }, heartbeatMs);
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  }).finally(() => {
    clearInterval(heartbeat);
    running.delete(child);
  });
  if (interruptible && interrupted !== undefined) {
    signalGroup(child, 'SIGKILL');
    throw new Interrupted(interrupted);
  }
  const output = Buffer.concat(held).toString();
  if (status !== 0 && options.allowFailure !== true) throw new StepFailed(label, status, output);
  if (options.quiet && status === 0) say(`✓ ${label} (${seconds(start)})`);
  return { status, output, stdout: Buffer.concat(captured).toString(), milliseconds: Date.now() - start };
}

/** Runs a clean-up to its end, whatever signals arrive meanwhile. */
export async function uninterrupted(work) {
  interruptible = false;
  try {
    return await work();
  } finally {
    interruptible = true;
  }
}

export function checkInterrupted() {
  if (interrupted !== undefined) throw new Interrupted(interrupted);
}

/** Runs a script to its exit status: errors become a sentence, signals end what runs. */
export async function main(work) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt(signal));
  try {
    process.exitCode = await work();
  } catch (error) {
    if (error instanceof Interrupted) {
      say(`Stopped (${seconds(scriptStart)}).`);
      process.exitCode = 130;
    } else if (error instanceof StepFailed) {
      if (error.output) process.stderr.write(`${error.output.trimEnd()}\n`);
      process.stderr.write(`${error.message} (after ${seconds(scriptStart)} in total).\n`);
      process.exitCode = error.status === 0 ? 1 : error.status;
    } else {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  }
}

export function totalTime() {
  return seconds(scriptStart);
}
