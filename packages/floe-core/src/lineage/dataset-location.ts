import type { Pipeline } from '../pipeline/pipeline.js';
import type { DatasetLocation } from './dataset-namespace.js';

/** Where a product's tables are, by its pipeline and its generated dbt profiles. */
export function datasetLocation(
  { product, dbt }: Pipeline,
  profiles: Readonly<Record<string, unknown>>,
): DatasetLocation {
  const outputs = objectAt(objectAt(profiles, dbt.profile), 'outputs');
  return {
    adapter: dbt.adapter,
    connection: objectAt(outputs, dbt.target),
    platform: product.platform,
    environment: product.environment,
  };
}

function objectAt(value: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const found = value[key];
  return typeof found === 'object' && found !== null ? { ...found } : {};
}
