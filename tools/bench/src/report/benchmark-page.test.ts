import { describe, expect, it } from '@jest/globals';
import { benchmarkPage } from './benchmark-page.js';

describe('benchmarkPage', () => {
  const first = benchmarkPage('', { prefect: '## Prefect\n\nold', compile: '## Compile' });

  it('replaces what was measured again and keeps the rest', () => {
    const second = benchmarkPage(first, { prefect: '## Prefect\n\nnew', compile: undefined });
    expect(second).toContain('new');
    expect(second).not.toContain('old');
    expect(second).toContain('## Compile');
    expect(benchmarkPage(second, {})).toBe(second);
  });

  it('has the orchestrators in one order, whatever was measured first', () => {
    const page = benchmarkPage(first, { dagster: '## Dagster' });
    expect(page.match(/^#+ .*/gmu)).toEqual(['# Benchmarks', '## Dagster', '## Prefect', '## Compile']);
  });
});
