import { z } from 'zod';
import { compiledArtifactsSchema, contractVersion } from './compiled-artifacts.js';

/**
 * JSON Schema (draft 2020-12) of CompiledArtifacts, for other languages and editors. It describes the input of a
 * reader: fields with defaults may be left out. Rules between fields (weights that add up to 1) are not in it.
 */
export function compiledArtifactsJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(compiledArtifactsSchema, { target: 'draft-2020-12', io: 'input' });
  return {
    ...schema,
    title: 'CompiledArtifacts',
    description: `Contract ${contractVersion} between the compiler of floe and its orchestrator plugins.`,
  };
}
