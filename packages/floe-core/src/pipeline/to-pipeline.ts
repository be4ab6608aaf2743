import type { CompiledArtifacts } from '../artifacts/compiled-artifacts.js';
import { deriveOrchestration } from '../artifacts/derive-orchestration.js';
import type { OrchestrationExecution } from '../artifacts/orchestration.js';
import { InputError } from '../errors/floe-error.js';
import { hasErrors, type Problem } from '../errors/problem.js';
import { keyProblems } from './asset-keys.js';
import { checkGraph } from './graph-rules.js';
import type { ExecutionPolicy, Pipeline } from './pipeline.js';
import { productInfoOf } from './product-info.js';
import { buildSelectionGraph } from './selection/selection-graph.js';
import { toNodes } from './to-assets.js';
import { toTriggers } from './to-triggers.js';

/** A pipeline, unless a problem is an error. */
export interface PipelineResult {
  readonly pipeline?: Pipeline;
  readonly problems: readonly Problem[];
}

/**
 * Checks the graph, the triggers and the names of compiled artifacts and turns them into a Pipeline (design §6): cycles,
 * self-dependencies, duplicates and unknown dependencies are refused, ephemeral models spliced out, tests put after all
 * their parents, seeds before the readers of the sources that they load. Pure; every finding is reported at once.
 */
export function toPipeline(artifacts: CompiledArtifacts): PipelineResult {
  const derived = deriveOrchestration(artifacts);
  if (!derived.ok) return { problems: [derived.failure] };
  const orchestration = derived.value;
  const product = productInfoOf(artifacts);
  const scope = { product: product.name, rootPackage: orchestration.dbt.project_name };
  const checked = checkGraph(orchestration);
  const problems = [...checked.problems, ...keyProblems(scope, orchestration)];
  if (orchestration.nodes.length + orchestration.checks.length === 0) problems.push(nothingToRun);
  const selection = buildSelectionGraph(orchestration);
  const { jobs, schedules, sensors, problems: found } = toTriggers(orchestration, selection, product.name);
  problems.push(...found);
  if (hasErrors(problems)) return { problems };
  const nodes = toNodes(orchestration, checked.graph, scope);
  const { dbt } = orchestration;
  return {
    pipeline: {
      product,
      dbt: {
        projectName: dbt.project_name,
        profile: dbt.profile,
        target: orchestration.target,
        adapter: dbt.adapter_type,
        vars: dbt.vars,
      },
      ...nodes,
      jobs,
      schedules,
      sensors,
      execution: toExecutionPolicy(orchestration.execution),
      selection,
    },
    problems,
  };
}

/** The pipeline of artifacts that are right. @throws InputError with every finding when they are not */
export function requirePipeline(artifacts: CompiledArtifacts): Pipeline {
  const { pipeline, problems } = toPipeline(artifacts);
  if (pipeline === undefined) throw InputError.fromProblems(problems);
  return pipeline;
}

const nothingToRun: Problem = {
  code: 'ARTIFACTS_EMPTY',
  severity: 'error',
  message: 'The artifacts have no model, seed, snapshot or test, so there is nothing to run.',
  resolution: 'Check that floe.yaml points at the dbt project (dbt.project_dir), then compile again.',
};

function toExecutionPolicy(execution: OrchestrationExecution): ExecutionPolicy {
  const { retries } = execution;
  return {
    timeout: execution.timeout,
    nodeTimeout: execution.node_timeout,
    queueTimeout: execution.queue_timeout,
    startTimeout: execution.start_timeout,
    threads: execution.threads,
    retries: {
      max: retries.max,
      initialDelay: retries.initial_delay,
      maxDelay: retries.max_delay,
      factor: retries.factor,
      jitter: retries.jitter,
      dataErrors: retries.data_errors,
    },
    restarts: execution.restarts,
    onBusy: execution.on_busy,
    dbtPython: execution.dbt.python,
  };
}
