import { describe, expect, it } from '@jest/globals';
import { compileSection, orchestratorSection } from './markdown-report.js';
import type { BenchResults } from './results.js';

const run = { startedSeconds: 8, cpuSeconds: 12, peakBytes: 3e8, models: 2, tests: 2 };

const results: BenchResults = {
  orchestrator: 'dagster',
  date: '2026-01-02',
  rounds: 2,
  quick: false,
  machine: {
    cores: 2,
    processor: 'a processor',
    memoryGigabytes: 8,
    system: 'Linux x64',
    versions: { Node: '24.0.0', duckdb: '1.0' },
  },
  runs: [
    {
      models: 2,
      tests: 2,
      idleLoad: 0.031,
      problems: [],
      contenders: [
        {
          name: 'dbt build',
          baseline: true,
          runs: [
            { ...run, wallSeconds: 4, startedSeconds: 4 },
            { ...run, wallSeconds: 8, startedSeconds: 4 },
          ],
        },
        {
          name: 'another',
          baseline: false,
          runs: [{ ...run, wallSeconds: 6, phases: { 'first part': 1, rest: 5 } }, undefined],
        },
      ],
    },
  ],
  loads: [
    {
      models: 1_000,
      problems: [],
      contenders: [
        {
          name: 'by hand',
          floor: true,
          loads: [{ wallSeconds: 1, cpuSeconds: 2, peakBytes: 1e8, assets: 1, checks: 1 }],
        },
        { name: 'other', floor: false, loads: [undefined] },
      ],
    },
  ],
  loadMethod: 'What a load is.',
  compile: { models: 10_000, compiles: [{ wallSeconds: 1.25, cpuSeconds: 1.5, peakBytes: 4e8 }] },
};

describe('the sections of a result', () => {
  const report = [orchestratorSection(results), compileSection(results)].join('\n\n');

  it('compares within a round and shows the spread', () => {
    const lines = report.split('\n').map((line) => line.replaceAll(/\s+/gu, ' '));
    expect(lines).toContain(
      '| dbt build | 6.00 (4.00–8.00) | 1.00 | 4.00 (4.00–4.00) | 0.75 | 12.00 (12.00–12.00) | 1.00 | 300 |',
    );
    expect(lines).toContain('| another | 6.00 | 1.50 | 8.00 | 2.00 | 12.00 | 1.00 | 300 |');
  });

  it('shows where the time went, what was not measured, and the machine', () => {
    expect(report).toContain('first part');
    expect(report).toContain('3.1 % of one core');
    expect(report).toMatch(/\| 1,000, other +\| +– \| +– \| +– \|/u);
    expect(report).toContain('2 cores (a processor), 8 GB memory, Linux x64');
    expect(report).toMatch(/\| 10,000 +\| +1\.25 \| +1\.50 \| +400 \|/u);
  });

  it('has tables whose lines are equally long', () => {
    for (const table of report.split('\n\n').filter((part) => part.startsWith('|'))) {
      expect(
        new Set(
          table
            .trimEnd()
            .split('\n')
            .map((line) => line.length),
        ).size,
      ).toBe(1);
    }
  });
});
