import { describe, expect, it } from '@jest/globals';
import { stripVTControlCharacters } from 'node:util';
import { createStyles } from './styles.js';
import { renderTable } from './table.js';
import { textWidth, truncateText } from './text-width.js';

const columns = [{ title: 'node' }, { title: 'status' }, { title: 'rows', align: 'right' as const }];

describe('renderTable', () => {
  it('gives every column the width of its content, without blanks at the end', () => {
    const text = renderTable(columns, [
      ['orders', 'succeeded', '99'],
      ['stg_orders', 'failed', ''],
    ]);
    expect(text.split('\n')).toEqual([
      'node        status     rows',
      'orders      succeeded    99',
      'stg_orders  failed',
    ]);
  });

  it('cuts the widest column to the width of the terminal', () => {
    const text = renderTable(columns, [['a_model_with_a_very_long_name_indeed', 'succeeded', '1']], { width: 30 });
    expect(text.split('\n')).toEqual(['node           status     rows', 'a_model_with…  succeeded     1']);
  });

  it('aligns wide characters and styled cells', () => {
    const styles = createStyles(true);
    const text = renderTable(
      [{ title: 'node', style: styles.red }, { title: 'status' }],
      [
        ['注文', 'ok'],
        ['orders', 'ok'],
      ],
    );
    expect(stripVTControlCharacters(text).split('\n')).toEqual(['node    status', '注文    ok', 'orders  ok']);
    expect(text).toContain('\u001b[31m注文\u001b[39m');
  });
});

describe('text width', () => {
  it('counts columns, not code units', () => {
    expect(textWidth('\u001b[31mabc\u001b[39m')).toBe(3);
    expect(textWidth('é')).toBe(1);
    expect(textWidth('日本')).toBe(4);
    expect(textWidth('🚀')).toBe(2);
  });

  it('never cuts to more than the width', () => {
    expect(truncateText('日本語', 4)).toBe('日…');
    expect(truncateText('abc', 3)).toBe('abc');
    expect(truncateText('abcd', 0)).toBe('');
  });
});
