import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { officialSchemas } from '../../tests/lineage/official-schemas.js';
import { lineageProblems } from '../testing/lineage-problems.js';
import { datasetName } from './dataset-name.js';
import { expandEnvironment } from './expand-environment.js';
import { lineageRunId } from './lineage-run-id.js';

function vectors<Schema extends z.ZodType>(name: string, schema: Schema): z.infer<Schema> {
  return schema.parse(JSON.parse(readFileSync(new URL(`../../../runtime/vectors/${name}`, import.meta.url), 'utf8')));
}

const idCases = z.object({
  cases: z.array(
    z.object({
      namespace: z.string(),
      key: z.string(),
      node: z.string().optional(),
      attempt: z.number().optional(),
      id: z.uuid(),
    }),
  ),
});
const nameCases = z.object({
  names: z.array(z.object({ relation: z.tuple([z.string().nullable(), z.string(), z.string()]), name: z.string() })),
});
const expandedCases = z.object({
  expanded: z.array(
    z.object({ namespace: z.string(), environ: z.record(z.string(), z.string()), expanded: z.string() }),
  ),
});
const eventCases = z.object({ runs: z.record(z.string(), z.array(z.looseObject({ eventType: z.string() }))) });

describe('lineage as the runtime makes it', () => {
  it.each(vectors('lineage-run-ids.json', idCases).cases)('has the id of $namespace $key $node $attempt', (entry) => {
    const { namespace, key, node, attempt = 1, id } = entry;
    expect(lineageRunId({ namespace, key, ...(node !== undefined && { node: { id: node, attempt } }) })).toBe(id);
  });

  it.each(vectors('dataset-names.json', nameCases).names)('names the dataset $name', ({ relation, name }) => {
    const [database, schema, identifier] = relation;
    expect(datasetName({ database, schema, identifier })).toBe(name);
  });

  it.each(vectors('dataset-names.json', expandedCases).expanded)('fills in $namespace', (entry) => {
    expect(expandEnvironment(entry.namespace, entry.environ)).toBe(entry.expanded);
  });

  const validate = officialSchemas();
  const { runs } = vectors('lineage-events.json', eventCases);
  it.each(Object.keys(runs))('is valid against the official schemas, facet by facet: %s', (name) => {
    const events = runs[name] ?? [];
    expect(events.length).toBeGreaterThan(1);
    expect(events.flatMap((event) => lineageProblems(event, validate))).toEqual([]);
  });
});

describe('the check itself', () => {
  const validate = officialSchemas();
  const { runs } = vectors('lineage-events.json', eventCases);
  const events = Object.values(runs).flat();
  const changed = (change: (text: string) => string): string[] =>
    events.flatMap((event) => lineageProblems(JSON.parse(change(JSON.stringify(event))), validate));

  it.each([
    ['a time without a zone', (text: string) => text.replaceAll(/("eventTime":"[^"]+)Z"/gu, '$1"')],
    ['an id that is none', (text: string) => text.replaceAll(/"runId":"[^"]+"/gu, '"runId":"abc"')],
    ['verdicts at the wrong place', (text: string) => text.replaceAll('"inputFacets"', '"facets"')],
    ['an error without its language', (text: string) => text.replaceAll('"programmingLanguage":"SQL"', '"x":1')],
    ['a schema that does not exist', (text: string) => text.replaceAll('/1-2-0/', '/9-9-9/')],
    ['an event of a kind that is none', (text: string) => text.replaceAll('"FAIL"', '"BOOM"')],
  ])('finds %s', (_name, change) => {
    expect(changed(change)).not.toEqual([]);
  });
});
