import { describe, expect, it } from '@jest/globals';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { createOutput, type Output, type OutputFormat } from './output.js';

function create(columns: number | undefined, format: OutputFormat = 'text'): { output: Output; written: () => string } {
  let text = '';
  const stream = { isTTY: true, ...(columns !== undefined && { columns }), write: (part: string) => (text += part) };
  const settings = { format, color: false, directory: '/', variables: {}, stdout: stream, stderr: stream };
  return { output: createOutput({ ...settings, redactor: createRedactor() }), written: () => text };
}

describe('createOutput', () => {
  it.each([
    [120, 120],
    [0, 80],
    [undefined, 80],
  ])('takes a terminal of %s columns for %d wide', (columns, width) => {
    expect(create(columns).output.width).toBe(width);
  });

  it('cuts the live block to the terminal, so that it can be drawn again in place', () => {
    const { output, written } = create(10);
    const block = output.liveBlock();
    block.show(['running a_long_name']);
    block.show(['x'], ['done']);
    block.close();
    expect(written()).toBe('running …\n\u001b[1A\r\u001b[0Jdone\nx\n\u001b[1A\r\u001b[0J');
  });

  it('writes lines instead of a block when the result is JSON', () => {
    const { output, written } = create(80, 'json');
    output.liveBlock().show(['1 of 2'], ['done']);
    output.finish({ exitCode: 0, result: { a: 1 }, text: 'not shown' });
    expect(written()).toBe('done\n{"ok":true,"result":{"a":1}}\n');
  });
});
