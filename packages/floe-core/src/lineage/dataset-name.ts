import type { Relation } from '../pipeline/pipeline.js';

/** database.schema.table, without a database where the adapter knows none. */
export function datasetName({ database, schema, identifier }: Relation): string {
  return [database, schema, identifier].filter((part) => part !== null && part !== '').join('.');
}
