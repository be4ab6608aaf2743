import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';

const folder = join(import.meta.dirname, '../graphql');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.graphql'))
  .sort();
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');

it('the generated types belong to the documents and the schema (else run graphql/generate.mjs)', () => {
  const digest = createHash('sha256');
  for (const name of names) digest.update(`${name}\n${text(name)}`);
  const generated = readFileSync(join(import.meta.dirname, 'generated/graphql.ts'), 'utf8');
  expect(generated).toContain(`sha256 of its input: ${digest.digest('hex')}`);
});

it('the documents are valid for the schema', () => {
  const documents = names.filter((name) => name !== 'schema.graphql').map(text);
  expect(validate(buildSchema(text('schema.graphql')), parse(documents.join('\n')))).toEqual([]);
});
