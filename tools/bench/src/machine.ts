import { execFileSync } from 'node:child_process';
import { arch, cpus, totalmem, type } from 'node:os';
import type { MachineUnits } from './process/usage-meter.js';

/** The machine that was measured on, without anything that would name it. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** @param versions of what was measured */
export function describeMachine(versions: Readonly<Record<string, string>>): Machine {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model.trim() ?? 'unknown',
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${arch()}`,
    versions: { Node: process.versions.node, ...versions },
  };
}

/** How /proc counts on this machine. */
export function readMachineUnits(): MachineUnits {
  const ask = (name: string): number => Number(execFileSync('getconf', [name], { encoding: 'utf8' }));
  return { ticksPerSecond: ask('CLK_TCK'), pageBytes: ask('PAGESIZE') };
}
