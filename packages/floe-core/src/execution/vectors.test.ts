import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isFinished, isSuccessful, nodeStatuses } from './node-status.js';
import { runRecordSchema } from './run-record.js';
import { runRequestSchema } from './run-request.js';

const statusVectors = z.object({
  statuses: z.array(z.string()),
  successful: z.array(z.string()),
  finished: z.array(z.string()),
});
const requestVectors = z.object({
  valid: z.array(z.object({ name: z.string(), text: z.string(), complete: z.unknown() })),
  invalid: z.array(z.object({ name: z.string(), text: z.string() })),
});
const recordVectors = z.object({ records: z.record(z.string(), z.unknown()) });

/** A file that the Python runtime is tested with, too. */
function vectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../runtime/vectors/${name}`, import.meta.url), 'utf8')) as unknown;
}

describe('vectors shared with the Python runtime', () => {
  it('knows the same node statuses', () => {
    const table = statusVectors.parse(vectors('node-status.json'));
    expect(nodeStatuses).toEqual(table.statuses);
    expect(nodeStatuses.filter(isSuccessful)).toEqual(table.successful);
    expect(nodeStatuses.filter(isFinished)).toEqual(table.finished);
  });

  const requests = requestVectors.parse(vectors('run-request.json'));
  it.each(requests.valid)('reads the run request: $name', ({ text, complete }) => {
    expect(runRequestSchema.parse(JSON.parse(text))).toEqual(complete);
  });
  it.each(requests.invalid)('refuses the run request: $name', ({ text }) => {
    expect(runRequestSchema.safeParse(JSON.parse(text)).success).toBe(false);
  });

  const records = recordVectors.parse(vectors('run-record.json')).records;
  it.each(Object.entries(records))('reads the run record: %s', (_name, record) => {
    expect(runRecordSchema.parse(record)).toEqual(record);
  });
});
