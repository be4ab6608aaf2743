import type { Asset, Column } from '../pipeline/pipeline.js';
import { facetSchemas, producer, type LineageFacet } from './lineage-event.js';

type FacetName = keyof typeof facetSchemas;

/** A facet with the two fields that every facet has. */
export function facet(name: FacetName, fields: Readonly<Record<string, unknown>>): LineageFacet {
  return { _producer: producer, _schemaURL: facetSchemas[name], ...fields };
}

/** What kind of job it is: DAG for the run of a product, else the kind of its node. */
export function jobTypeFacet(kind: 'DAG' | 'MODEL' | 'SEED' | 'SNAPSHOT' | 'TEST' | 'UNIT_TEST'): LineageFacet {
  return facet('jobType', { processingType: 'BATCH', integration: 'FLOE', jobType: kind });
}

export function jobKindOf(asset: Asset): 'MODEL' | 'SEED' | 'SNAPSHOT' {
  return ({ model: 'MODEL', seed: 'SEED', snapshot: 'SNAPSHOT' } as const)[asset.kind];
}

export function schemaFacet(columns: readonly Column[]): LineageFacet {
  return facet('schema', {
    fields: columns.map(({ name, dataType, description }) => ({
      name,
      ...(dataType !== null && { type: dataType }),
      ...(description !== '' && { description }),
    })),
  });
}
