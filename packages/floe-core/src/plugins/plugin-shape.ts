import { z } from 'zod';

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
const someFunction = z.unknown().refine(isFunction, 'it must be a function');

/** What a package has to export as `orchestratorPlugin`; checked before anything of it is called. */
export const pluginShape = z.looseObject({
  metadata: z.looseObject({
    name: z.string().min(1),
    version: z.string().min(1),
    floeApiVersion: z.string().min(1),
    description: z.string(),
    orchestratorVersions: z.string().min(1),
  }),
  capabilities: z.looseObject({
    runLevelChecks: z.boolean(),
    sensors: z.array(z.string()),
    subset: z.boolean(),
    retryFailed: z.boolean(),
    cancel: z.boolean(),
    localPlatform: z.boolean(),
  }),
  configSchema: z
    .unknown()
    .refine(
      (value) => typeof value === 'object' && value !== null && 'safeParse' in value && isFunction(value.safeParse),
      'it must be a zod schema',
    ),
  create: someFunction,
  pythonEnvironment: someFunction.optional(),
  localPlatform: z.looseObject({ start: someFunction, stop: someFunction, status: someFunction }).optional(),
});
