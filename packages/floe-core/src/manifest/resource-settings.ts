import { z } from 'zod';

/** A Kubernetes quantity: 500m, 0.5, 2, 512Mi, 1Gi, 1e3. */
const quantity = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine(
    (text) => /^\+?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/u.test(text),
    'it must be a Kubernetes quantity like 500m, 2, 512Mi or 1Gi',
  );
const quantities = z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() });

const nestedPreset = z.strictObject({ requests: quantities.optional(), limits: quantities.optional() });
const flatPreset = z.strictObject({
  cpu_request: quantity.optional(),
  cpu_limit: quantity.optional(),
  memory_request: quantity.optional(),
  memory_limit: quantity.optional(),
});

/** `resource_presets` by name, in either form of the Python floe. */
export const resourcePresetsSchema = z.record(z.string(), z.union([nestedPreset, flatPreset]));

/** `resources` by component: the name of a preset, or requests and limits, which win over `preset`. */
export const resourceSettingsSchema = z.record(
  z.string(),
  z.union([z.string().min(1), z.strictObject({ preset: z.string().min(1).optional(), ...nestedPreset.shape })]),
);

export type ResourcePresets = z.infer<typeof resourcePresetsSchema>;
export type ResourceSettings = z.infer<typeof resourceSettingsSchema>;
