import { z } from 'zod';

/** A quality rule of a model; annotation of the Python floe, kept. */
export const qualityCheckSchema = z.looseObject({
  name: z.string(),
  type: z.string(),
  column: z.string().nullable().default(null),
  dimension: z.enum(['completeness', 'accuracy', 'validity', 'consistency', 'timeliness']),
  severity: z.enum(['critical', 'warning', 'info']).default('warning'),
  custom_weight: z.number().min(0.1).max(10).nullable().default(null),
  parameters: z.record(z.string(), z.unknown()).default({}),
  enabled: z.boolean().default(true),
});

const percent = z.number().min(0).max(100);

function gate(coverage: number, tests: string[], score: number) {
  return z
    .looseObject({
      min_test_coverage: percent.default(coverage),
      required_tests: z.array(z.string()).default(tests),
      min_score: percent.default(score),
      overridable: z.boolean().default(true),
    })
    .prefault({});
}

const weight = z.number().min(0).max(1);

const dimensionWeights = z
  .looseObject({
    completeness: weight.default(0.25),
    accuracy: weight.default(0.25),
    validity: weight.default(0.2),
    consistency: weight.default(0.15),
    timeliness: weight.default(0.15),
  })
  .refine((weights) => {
    const sum = weights.completeness + weights.accuracy + weights.validity + weights.consistency + weights.timeliness;
    return Math.abs(sum - 1) < 1e-6;
  }, 'the five weights must add up to 1');

/** Scoring rules of the platform; kept for tools that read them. */
export const qualityConfigSchema = z.looseObject({
  provider: z.string().min(1),
  enabled: z.boolean().default(true),
  check_timeout_seconds: z.number().int().min(1).max(3600).default(300),
  quality_gates: z
    .looseObject({
      bronze: gate(0, [], 0),
      silver: gate(80, ['not_null', 'unique'], 75),
      gold: gate(100, ['not_null', 'unique', 'accepted_values', 'relationships'], 90),
    })
    .prefault({}),
  dimension_weights: dimensionWeights.prefault({}),
  calculation: z
    .looseObject({
      baseline_score: percent.default(70),
      max_positive_influence: percent.default(30),
      max_negative_influence: percent.default(50),
      severity_weights: z
        .looseObject({
          critical: z.number().default(3),
          warning: z.number().default(1),
          info: z.number().default(0.5),
        })
        .prefault({}),
    })
    .prefault({}),
  thresholds: z.looseObject({ min_score: percent.default(70), warn_score: percent.default(85) }).prefault({}),
});
