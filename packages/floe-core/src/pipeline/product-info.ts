import type { CompiledArtifacts } from '../artifacts/compiled-artifacts.js';
import type { ProductInfo } from './pipeline.js';

/** Who the product is, from the artifacts' own fields. */
export function productInfoOf(artifacts: CompiledArtifacts): ProductInfo {
  const { metadata, observability } = artifacts;
  const attributes = observability.telemetry.resource_attributes;
  return {
    name: metadata.product_name,
    version: metadata.product_version,
    environment: attributes.deployment_environment,
    platform: attributes.floe_namespace,
  };
}
