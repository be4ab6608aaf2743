import { z } from 'zod';

/** Who makes the events that this package sends. */
export const producer = 'https://floe.dev/producer/0.1.0';

const core = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/';
const facetSpec = 'https://openlineage.io/spec/facets/';

/** `_schemaURL` of the facets that are used; each resolves to an official schema. */
export const facetSchemas = {
  jobType: `${facetSpec}2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet`,
  documentation: `${facetSpec}1-1-0/DocumentationJobFacet.json#/$defs/DocumentationJobFacet`,
  schema: `${facetSpec}1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet`,
  parent: `${facetSpec}1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet`,
  errorMessage: `${facetSpec}1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet`,
  floe: `${core}RunFacet`,
} as const;

/** `schemaURL` of the kinds of events. */
export const eventSchemas = { run: `${core}RunEvent`, job: `${core}JobEvent` } as const;

const facetsSchema = z.record(z.string(), z.looseObject({ _producer: z.url(), _schemaURL: z.url() }));
const inputSchema = z.strictObject({ namespace: z.string(), name: z.string(), facets: facetsSchema.optional() });
const outputSchema = z.strictObject({ namespace: z.string(), name: z.string(), facets: facetsSchema.optional() });
const jobSchema = z.strictObject({ namespace: z.string(), name: z.string(), facets: facetsSchema.optional() });
const base = {
  eventTime: z.iso.datetime({ offset: true }),
  producer: z.url(),
  job: jobSchema,
  inputs: z.array(inputSchema),
  outputs: z.array(outputSchema),
};

/** The end of a run, told by the client when the runtime could not. */
export const runEventSchema = z.strictObject({
  ...base,
  schemaURL: z.literal(eventSchemas.run),
  eventType: z.enum(['COMPLETE', 'FAIL', 'ABORT']),
  run: z.strictObject({ runId: z.uuid(), facets: facetsSchema }),
});

/** What a job reads and writes by design, without a run. */
export const jobEventSchema = z.strictObject({ ...base, schemaURL: z.literal(eventSchemas.job) });

export const lineageEventSchema = z.union([runEventSchema, jobEventSchema]);

export type RunLineageEvent = z.infer<typeof runEventSchema>;
export type JobLineageEvent = z.infer<typeof jobEventSchema>;
export type LineageEvent = z.infer<typeof lineageEventSchema>;
export type LineageFacet = Readonly<Record<string, unknown>> & {
  readonly _producer: string;
  readonly _schemaURL: string;
};
