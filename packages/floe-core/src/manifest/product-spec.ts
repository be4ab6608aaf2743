import { z } from 'zod';
import { hasErrors, type Problem } from '../errors/problem.js';
import { executionSettingsSchema } from './execution-settings.js';
import { findForbiddenKeys } from './forbidden-keys.js';
import type { KeyPath, Locator } from './key-path.js';
import { findPlainSecrets } from './plain-secrets.js';
import { schemaProblems } from './schema-problems.js';
import { sensorSettingsSchema, scheduleSettingsSchema, singleScheduleSchema } from './trigger-settings.js';
import { readYaml } from './yaml-source.js';

const semanticVersion = z.string().regex(/^\d+\.\d+\.\d+$/u, 'it must be a text like 1.0.0');
const tier = z.enum(['bronze', 'silver', 'gold']);

export const qualityCheckSchema = z.strictObject({
  name: z.string().min(1),
  type: z.string().min(1),
  column: z.string().nullish(),
  dimension: z.enum(['completeness', 'accuracy', 'validity', 'consistency', 'timeliness']),
  severity: z.enum(['critical', 'warning', 'info']).default('warning'),
  custom_weight: z.number().min(0.1).max(10).nullish(),
  parameters: z.record(z.string(), z.unknown()).default({}),
  enabled: z.boolean().default(true),
});

const transformSchema = z.strictObject({
  /** Name of a dbt model, snapshot or seed; all versions of a versioned model. */
  name: z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/u, 'it must be the name of a dbt model (letters, digits, underscores)'),
  compute: z.string().min(1).nullish(),
  tags: z.array(z.string().min(1)).nullish(),
  dependsOn: z.array(z.string().min(1)).nullish(),
  tier: tier.nullish(),
  qualityChecks: z.array(qualityCheckSchema).nullish(),
});

const outputPortSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().nullish(),
  owner: z.string().nullish(),
  schema: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        type: z.string().min(1),
        description: z.string().nullish(),
        required: z.boolean().default(false),
        primaryKey: z.boolean().default(false),
        classification: z.string().nullish(),
      }),
    )
    .min(1),
});

const destinationSchema = z.strictObject({
  name: z.string().min(1).max(100),
  sink_type: z.string().min(1),
  connection_secret_ref: z.string().min(1),
  source_table: z.string().nullish(),
  config: z
    .record(z.string(), z.unknown())
    .refine((config) => Object.keys(config).length <= 50, 'it has more than 50 keys')
    .nullish(),
  field_mapping: z.record(z.string(), z.string()).nullish(),
  batch_size: z.number().int().min(1).max(100_000).nullish(),
});

/** floe.yaml: one data product on top of one dbt project. */
export const productSpecSchema = z.strictObject({
  apiVersion: z.literal('floe.dev/v1'),
  kind: z.literal('FloeSpec'),
  metadata: z.strictObject({
    name: z
      .string()
      .regex(
        /^[a-z][a-z0-9-]{0,62}$/u,
        'it must be 1 to 63 lower-case letters, digits and hyphens, starting with a letter',
      ),
    version: semanticVersion,
    description: z.string().max(500).nullish(),
    owner: z.string().nullish(),
    labels: z.record(z.string(), z.string()).nullish(),
  }),
  /** `manifest`: the platform manifest, relative to this file. */
  platform: z.strictObject({ manifest: z.string().min(1) }).nullish(),
  /** `project_dir`: the dbt project, relative to this file; default is the folder of this file. */
  dbt: z
    .strictObject({ project_dir: z.string().min(1).default('.'), vars: z.record(z.string(), z.unknown()).default({}) })
    .nullish(),
  /** Annotations of dbt models; never a filter. */
  transforms: z.array(transformSchema).nullish(),
  schedule: singleScheduleSchema.nullish(),
  schedules: z.array(scheduleSettingsSchema).nullish(),
  sensors: z.array(sensorSettingsSchema).nullish(),
  execution: executionSettingsSchema.nullish(),
  outputPorts: z.array(outputPortSchema).nullish(),
  destinations: z.array(destinationSchema).nullish(),
});

export type ProductSpec = z.infer<typeof productSpecSchema>;
export type ProductTransform = z.infer<typeof transformSchema>;

/** A value read from a YAML file together with the places of its keys. */
export interface Located<Value> {
  readonly value: Value;
  readonly locator: Locator;
}

/** What reading a file gave; `document` is absent when there are errors. */
export interface FileReading<Value> {
  readonly document?: Located<Value>;
  readonly problems: readonly Problem[];
}

/** Reads floe.yaml. Every finding has file, line and column. `file` is only used to name the place. */
export function readProductSpec(text: string, file: string): FileReading<ProductSpec> {
  const { value: raw, locator, problems: syntax } = readYaml(text, file);
  if (syntax.length > 0) return { problems: syntax };
  const data = withAliases(raw);
  const result = productSpecSchema.safeParse(data);
  const problems = [
    ...(result.success ? [] : schemaProblems(productSpecSchema, data, result.error.issues, locator)),
    ...findPlainSecrets(data, locator),
    ...findForbiddenKeys(data, locator),
    ...(result.success ? findDuplicates(result.data, locator) : []),
  ];
  if (!result.success || hasErrors(problems)) return { problems };
  return { document: { value: result.data, locator }, problems };
}

const pythonNames: Readonly<Record<string, string>> = {
  api_version: 'apiVersion',
  output_ports: 'outputPorts',
  depends_on: 'dependsOn',
  quality_checks: 'qualityChecks',
};

/** The Python floe takes both spellings at the top and in transforms. */
function withAliases(raw: unknown): unknown {
  const data = renameKeys(raw);
  if (typeof data !== 'object' || data === null || !('transforms' in data) || !Array.isArray(data.transforms))
    return data;
  return { ...data, transforms: data.transforms.map(renameKeys) };
}

function renameKeys(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => {
      const alias = Object.hasOwn(pythonNames, key) ? pythonNames[key] : undefined;
      return [alias === undefined || Object.hasOwn(raw, alias) ? key : alias, value];
    }),
  );
}

function findDuplicates(spec: ProductSpec, locator: Locator): Problem[] {
  const lists = {
    transforms: spec.transforms,
    schedules: spec.schedules,
    sensors: spec.sensors,
    destinations: spec.destinations,
  };
  return Object.entries(lists).flatMap(([key, entries]) => duplicateNames(entries ?? [], [key], locator));
}

function duplicateNames(entries: readonly { readonly name: string }[], path: KeyPath, locator: Locator): Problem[] {
  const first = new Map<string, number>();
  const problems: Problem[] = [];
  for (const [index, { name }] of entries.entries()) {
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else {
      const line = locator.locate([...path, earlier, 'name']).line;
      problems.push({
        code: 'DUPLICATE_NAME',
        severity: 'error',
        message: `The name "${name}" is used twice in ${String(path.at(-1))}${line === undefined ? '' : ` (first in line ${line})`}.`,
        resolution: 'Rename or remove one of the two entries.',
        location: locator.locate([...path, index, 'name']),
      });
    }
  }
  return problems;
}
