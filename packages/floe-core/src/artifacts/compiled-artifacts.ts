import { z } from 'zod';
import { orchestrationSchema } from './orchestration.js';

export const compiledArtifactsSchema = z.looseObject({
  version: z.string(),
  orchestration: orchestrationSchema.nullable().default(null),
});
export type CompiledArtifacts = z.infer<typeof compiledArtifactsSchema>;
