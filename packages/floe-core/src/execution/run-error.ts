import { PluginExecutionError, type ErrorDocument, type FloeErrorOptions } from '../errors/floe-error.js';
import type { Driver } from './driver.js';
import type { LogLine, NodeOutcome } from './job-result.js';
import { describeNode, jobNameOf } from './planned-nodes.js';
import type { RunReference } from './run-backend.js';
import { withoutStackTrace } from './stack-trace.js';

const maxFailedNodes = 50;
const maxLogTail = 30;

/** What is known about the run when its error is made. */
export interface RunErrorDetails extends Pick<FloeErrorOptions, 'code' | 'message' | 'resolution'> {
  readonly run?: RunReference | undefined;
  readonly nodes?: readonly NodeOutcome[];
  readonly missing?: readonly string[];
  readonly logs?: readonly LogLine[];
  readonly context?: Readonly<Record<string, unknown>>;
}

/** The error of a run: job, product, key, run, failed nodes with their files, end of the log; redacted, no stack trace. */
export function runError(driver: Driver, details: RunErrorDetails): PluginExecutionError {
  const { input, planned, context: tools } = driver;
  const { code, run, nodes = [], missing = [], logs = [], context } = details;
  const failedNodes = nodes
    .filter(({ status }) => status === 'failed' || status === 'unknown')
    .map(({ id, message }) => ({
      id,
      file: describeNode(planned, id).file,
      message: message === null ? null : withoutStackTrace(message),
    }));
  const tail = logs.slice(-maxLogTail).map(({ text }) => text);
  const plain = {
    job: jobNameOf(input.pipeline, input.request),
    product: input.pipeline.product.name,
    key: input.request.key,
    runId: run?.runId ?? null,
    url: run?.url ?? null,
    failedNodes: failedNodes.slice(0, maxFailedNodes),
    ...(failedNodes.length > maxFailedNodes && { failedNodesTotal: failedNodes.length }),
    ...(missing.length > 0 && { missingNodes: missing.slice(0, maxFailedNodes), missingNodesTotal: missing.length }),
    ...context,
    logTail: withoutStackTrace(tail.join('\n'))
      .split('\n')
      .filter((line) => line !== ''),
  };
  return new PluginExecutionError({
    code,
    message: tools.redactor.redactText(withoutStackTrace(details.message)),
    resolution: tools.redactor.redactText(details.resolution),
    context: tools.redactor.redactValue(plain) as Readonly<Record<string, unknown>>,
  });
}

/** The same as plain data. */
export function runErrorDocument(driver: Driver, details: RunErrorDetails): ErrorDocument {
  return runError(driver, details).toJSON();
}
