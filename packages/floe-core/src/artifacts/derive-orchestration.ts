import { failure, success, type Outcome } from '../outcome/outcome.js';
import type { Problem } from '../errors/problem.js';
import { orchestrationSchema, type Orchestration } from './orchestration.js';
import type { CompiledArtifacts } from './compiled-artifacts.js';

/**
 * The orchestration section, or for artifacts without one (contract 0.1.0 to 0.10.0) a section made from
 * `transforms.models`: one model each, edges from `depends_on`, no checks, no triggers. Names that are not among the
 * models stay as edges, so that the rules of the graph report them.
 */
export function deriveOrchestration(artifacts: CompiledArtifacts): Outcome<Orchestration, Problem> {
  if (artifacts.orchestration !== null) return success(artifacts.orchestration);
  const { transforms } = artifacts;
  if (transforms === null) return failure(emptyArtifactsProblem());
  const product = artifacts.metadata.product_name;
  const profile = Object.keys(artifacts.dbt_profiles ?? {})[0] ?? product.replaceAll('-', '_');
  const project = product.replaceAll('-', '_');
  const idOf = (name: string): string => `model.${project}.${name}`;
  return success(
    orchestrationSchema.parse({
      schema: 1,
      dbt: {
        project_name: project,
        dbt_version: '',
        adapter_type: artifacts.plugins?.compute.type ?? transforms.default_compute,
        profile,
      },
      target: targetOf(artifacts.dbt_profiles?.[profile]) ?? 'dev',
      nodes: transforms.models.map((model) => ({
        unique_id: idOf(model.name),
        resource_type: 'model',
        name: model.name,
        package: project,
        materialized: 'table',
        file: '',
        fqn: [project, model.name],
        tags: model.tags ?? [],
        tier: model.quality_tier,
      })),
      edges: transforms.models.flatMap((model) =>
        (model.depends_on ?? []).map((upstream) => [idOf(upstream), idOf(model.name)]),
      ),
    }),
  );
}

function targetOf(profile: unknown): string | undefined {
  if (typeof profile !== 'object' || profile === null || !('target' in profile)) return undefined;
  return typeof profile.target === 'string' ? profile.target : undefined;
}

/** Why artifacts without models and without orchestration cannot be used. */
export function emptyArtifactsProblem(file?: string): Problem {
  return {
    code: 'ARTIFACTS_EMPTY',
    severity: 'error',
    message: 'The artifacts contain nothing to run: "transforms" is null and there is no "orchestration".',
    resolution: 'Compile the product again with "floe compile", or give a file that lists models.',
    location: { ...(file !== undefined && { file }), node: 'transforms' },
  };
}
