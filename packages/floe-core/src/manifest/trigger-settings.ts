import { z } from 'zod';

const triggerName = z
  .string()
  .regex(
    /^[a-zA-Z][a-zA-Z0-9_-]{0,62}$/u,
    'it must be 1 to 63 letters, digits, hyphens and underscores, starting with a letter',
  );

const selection = {
  /** dbt selection syntax; the whole product when absent. */
  select: z.string().min(1).nullish(),
  exclude: z.string().min(1).nullish(),
};

/** `schedule` of the Python floe: one trigger for the whole product. */
export const singleScheduleSchema = z.strictObject({
  cron: z.string().min(1).nullish(),
  timezone: z.string().min(1).default('UTC'),
  enabled: z.boolean().default(true),
});

/** One entry of `schedules`. */
export const scheduleSettingsSchema = z.strictObject({
  name: triggerName,
  cron: z.string().min(1),
  timezone: z.string().min(1).default('UTC'),
  enabled: z.boolean().default(true),
  ...selection,
});

const sensorBase = {
  name: triggerName,
  enabled: z.boolean().default(true),
  /** Seconds between two looks. */
  interval: z.number().int().min(30).default(60),
  ...selection,
};

/** One entry of `sensors`. */
export const sensorSettingsSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...sensorBase, type: z.literal('product_succeeded'), product: z.string().min(1) }),
  z.strictObject({
    ...sensorBase,
    type: z.literal('asset_updated'),
    asset: z.string().regex(/^[^/\s]+(?:\/[^/\s]+)+$/u, 'it must be written as product/model'),
  }),
  z.strictObject({ ...sensorBase, type: z.literal('file_changed'), path: z.string().min(1) }),
  z.strictObject({
    ...sensorBase,
    type: z.literal('http_ready'),
    url: z.string().regex(/^https?:\/\/[^\s/]+/u, 'it must be an http or https address'),
  }),
]);
