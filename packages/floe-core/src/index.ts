// What the author of an orchestrator plugin needs first; everything else has a path of its own (`@floe/core/…`).
export { readArtifacts } from './artifacts/read-artifacts.js';
export type { CompiledArtifacts } from './artifacts/compiled-artifacts.js';
export type { Bundle } from './bundle/bundle.js';
export { probeConnection } from './connection/probe-connection.js';
export type { ValidationResult, ValidationStep } from './connection/validation-result.js';
export { FloeError, InputError, PluginExecutionError } from './errors/floe-error.js';
export type { ErrorCode } from './errors/error-codes.js';
export type { Problem } from './errors/problem.js';
export { driveRun } from './execution/drive-run.js';
export type { JobResult } from './execution/job-result.js';
export type { RunBackend } from './execution/run-backend.js';
export type { JobExecution, RunEvent } from './execution/run-events.js';
export type { Pipeline } from './pipeline/pipeline.js';
export { requirePipeline, toPipeline } from './pipeline/to-pipeline.js';
export {
  floeApiVersion,
  OrchestratorPlugin,
  type Definitions,
  type DeployOptions,
  type DeployResult,
  type JobRequest,
  type OrchestratorPluginModule,
  type PluginCapabilities,
  type PluginContext,
  type PluginMetadata,
} from './plugin-interfaces.js';
export type { CallOptions } from './time/call-options.js';
