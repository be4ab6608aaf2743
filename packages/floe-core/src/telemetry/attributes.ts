/**
 * Attribute names of floe's spans: the OpenTelemetry conventions for pipelines (`cicd.*`, `error.type`) and floe's own.
 * Values are names, codes, statuses, counts and times; never a message, SQL, or anything of the data (REQ-027).
 */
export const attributes = {
  pipelineName: 'cicd.pipeline.name',
  pipelineAction: 'cicd.pipeline.action.name',
  pipelineResult: 'cicd.pipeline.result',
  pipelineRunId: 'cicd.pipeline.run.id',
  pipelineRunUrl: 'cicd.pipeline.run.url.full',
  errorType: 'error.type',
  orchestrator: 'floe.orchestrator',
  environment: 'floe.environment',
  runKey: 'floe.run.key',
  runStatus: 'floe.run.status',
  runDuration: 'floe.run.duration_ms',
  runAttempts: 'floe.run.attempts',
  runAdopted: 'floe.run.adopted',
  nodesPrefix: 'floe.run.nodes.',
} as const;
