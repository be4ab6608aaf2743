/** Checks a value against the schema of a URL with fragment; gives sentences about what is wrong. */
export type ValidateByUrl = (schemaUrl: string, value: unknown) => readonly string[];

type Json = Readonly<Record<string, unknown>>;

/**
 * What is wrong with an event of OpenLineage: against the schema of its kind, and each facet against its own schema, at
 * the place where it may stand. The core schema alone lets every wrong facet pass.
 */
export function lineageProblems(event: unknown, validate: ValidateByUrl): string[] {
  if (!isObject(event) || typeof event.schemaURL !== 'string') return ['the event has no schemaURL'];
  const run = objectOf(event, 'run');
  const job = objectOf(event, 'job');
  const inputs = listOf(event, 'inputs');
  const outputs = listOf(event, 'outputs');
  return [
    ...validate(event.schemaURL, event),
    ...facetProblems(objectOf(run, 'facets'), 'RunFacet', validate),
    ...facetProblems(objectOf(job, 'facets'), 'JobFacet', validate),
    ...[...inputs, ...outputs].flatMap((data) => facetProblems(objectOf(data, 'facets'), 'DatasetFacet', validate)),
    ...inputs.flatMap((data) => facetProblems(objectOf(data, 'inputFacets'), 'InputDatasetFacet', validate)),
    ...outputs.flatMap((data) => facetProblems(objectOf(data, 'outputFacets'), 'OutputDatasetFacet', validate)),
  ];
}

/** Facets of which the schema's name does not end like their place (TestRunFacet is a RunFacet). */
function facetProblems(facets: Json, place: string, validate: ValidateByUrl): string[] {
  return Object.entries(facets).flatMap(([name, facet]) => {
    if (!isObject(facet) || typeof facet._schemaURL !== 'string') return [`${name} has no _schemaURL`];
    const definition = facet._schemaURL.split('/').at(-1) ?? '';
    const inputOnly = definition === 'DataQualityAssertionsDatasetFacet';
    const allowed = inputOnly ? place === 'InputDatasetFacet' : definition.endsWith(place);
    const misplaced = allowed ? [] : [`${name}: ${definition} does not belong into the place of a ${place}`];
    return [...misplaced, ...validate(facet._schemaURL, facet).map((problem) => `${name}: ${problem}`)];
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: Json, key: string): Json {
  const found = value[key];
  return isObject(found) ? found : {};
}

function listOf(value: Json, key: string): Json[] {
  const found = value[key];
  return Array.isArray(found) ? found.filter(isObject) : [];
}
