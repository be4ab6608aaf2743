import { describe, expect, it } from '@jest/globals';
import { parseUsage, readProcesses, treeOf, type ProcessUsage } from './process-tree.js';

const stat =
  '42 (a (b) c) S 7 42 42 0 -1 4194304 100 200 0 0 11 22 33 44 20 0 5 0 1234 99999 777 18446744073709551615 0 0\n';

describe('parseUsage', () => {
  it('tells the times of the process and those of its ended children', () => {
    expect(parseUsage(stat)).toEqual({ pid: 42, parent: 7, ownTicks: 33, childTicks: 77, rssPages: 777 });
  });

  it('takes nothing else', () => {
    expect(parseUsage('')).toBeUndefined();
    expect(parseUsage('42 (x) S 1 2')).toBeUndefined();
  });
});

describe('treeOf', () => {
  const entry = (pid: number, parent: number): ProcessUsage => ({
    pid,
    parent,
    ownTicks: 1,
    childTicks: 0,
    rssPages: 1,
  });

  it('is the process with all below it', () => {
    const processes = [entry(5, 4), entry(2, 1), entry(4, 2), entry(3, 2), entry(9, 1), entry(1, 0)];
    expect(
      treeOf(2, processes)
        .map(({ pid }) => pid)
        .sort(),
    ).toEqual([2, 3, 4, 5]);
    expect(treeOf(77, processes)).toEqual([]);
  });

  it('finds this process', () => {
    expect(treeOf(process.pid, readProcesses()).length).toBeGreaterThanOrEqual(1);
  });
});
