import type { Pipeline } from '../pipeline/pipeline.js';
import { LineageDatasets } from './lineage-datasets.js';
import { eventSchemas, producer, type JobLineageEvent } from './lineage-event.js';
import { facet, jobKindOf, jobTypeFacet } from './lineage-facets.js';

/** What design-time events are made of. */
export interface DesignLineage {
  readonly pipeline: Pipeline;
  /** Of jobs. */
  readonly namespace: string;
  readonly datasetNamespace: string;
  /** ISO 8601 with zone. */
  readonly at: string;
}

/**
 * Lineage by design, for the moment of a deployment: what each model, seed and snapshot reads and writes, without a
 * run. The jobs have the same names in the events of runs.
 */
export function designEvents({ pipeline, namespace, datasetNamespace, at }: DesignLineage): JobLineageEvent[] {
  const datasets = new LineageDatasets(pipeline, datasetNamespace);
  return pipeline.assets.map((asset) => ({
    eventTime: at,
    producer,
    schemaURL: eventSchemas.job,
    job: {
      namespace,
      name: asset.id,
      facets: {
        jobType: jobTypeFacet(jobKindOf(asset)),
        ...(asset.description !== '' && {
          documentation: facet('documentation', { description: asset.description }),
        }),
      },
    },
    inputs: datasets.inputsOf(asset),
    outputs: datasets.outputsOf(asset),
  }));
}
