import { compiledArtifactsSchema, type CompiledArtifacts } from './compiled-artifacts.js';

/**
 * CompiledArtifacts as text: two spaces, the order of the contract, nulls and defaults written out. Equal artifacts
 * give equal text; only `metadata.compiled_at` differs between two compiles of the same input.
 */
export function writeArtifacts(artifacts: CompiledArtifacts): string {
  return `${JSON.stringify(compiledArtifactsSchema.parse(artifacts), null, 2)}\n`;
}
