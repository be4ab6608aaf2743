import { readProcesses, treeOf, type ProcessUsage } from './process-tree.js';

/** What a piece of work cost. */
export interface Usage {
  readonly wallSeconds: number;
  /** User and system time. */
  readonly cpuSeconds: number;
  /** Resident memory of the processes that the work started, at its highest. */
  readonly peakBytes: number;
}

/** How the machine counts. */
export interface MachineUnits {
  readonly ticksPerSecond: number;
  readonly pageBytes: number;
}

/**
 * Whose time counts. `tree`: the process and everything below it, for a server that does the work. `waited`: children
 * that have ended and were waited for, for a command of this process beside which a server idles.
 */
export type Counted = 'tree' | 'waited';

const sampleMs = 100;

/**
 * Measures a tree of processes between two moments. CPU time is exact as long as every process is waited for by one
 * above it: its time is then among the times of that one. Memory is sampled.
 */
export class UsageMeter {
  readonly #root: number;
  readonly #counted: Counted;
  readonly #units: MachineUnits;
  readonly #ticksBefore: number;
  readonly #present: ReadonlySet<number>;
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  #peakPages = 0;

  /** @param root process that is alive during the whole work */
  constructor(root: number, counted: Counted, units: MachineUnits) {
    this.#root = root;
    this.#counted = counted;
    this.#units = units;
    const tree = treeOf(root, readProcesses());
    this.#present = new Set(tree.map(({ pid }) => pid));
    this.#ticksBefore = this.#ticks(tree);
    this.#timer = setInterval(() => {
      this.#sample();
    }, sampleMs);
  }

  /** Ends the measurement. */
  stop(): Usage {
    const wallSeconds = (performance.now() - this.#began) / 1_000;
    clearInterval(this.#timer);
    const ticks = this.#ticks(this.#sample());
    return {
      wallSeconds,
      cpuSeconds: (ticks - this.#ticksBefore) / this.#units.ticksPerSecond,
      peakBytes: this.#peakPages * this.#units.pageBytes,
    };
  }

  #sample(): readonly ProcessUsage[] {
    const tree = treeOf(this.#root, readProcesses());
    const started = tree.filter(({ pid }) => !this.#present.has(pid));
    this.#peakPages = Math.max(this.#peakPages, sum(started.map(({ rssPages }) => rssPages)));
    return tree;
  }

  #ticks(tree: readonly ProcessUsage[]): number {
    const all = sum(tree.map(({ ownTicks, childTicks }) => ownTicks + childTicks));
    return this.#counted === 'tree' ? all : (tree.find(({ pid }) => pid === this.#root)?.childTicks ?? 0);
  }
}

/** Does some work under a meter; the meter ends also when the work fails. */
export async function metered<Value>(
  meter: UsageMeter,
  work: () => Promise<Value>,
): Promise<{ readonly usage: Usage; readonly value: Value }> {
  try {
    const value = await work();
    return { usage: meter.stop(), value };
  } catch (error) {
    meter.stop();
    throw error;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
