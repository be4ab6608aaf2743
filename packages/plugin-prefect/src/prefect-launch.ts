import type { BackendFault } from '@floe/core/execution/run-backend';
import type { RunRequest } from '@floe/core/execution/run-request';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { artifactKey, deploymentName, flowName } from './prefect-names.js';

/** What belongs to the runs of a product at Prefect. */
export interface RunNames {
  readonly product: string;
  readonly platform: string;
  readonly flow: string;
  readonly deployment: string;
  /** Key of the artifact with the record of a run. */
  readonly record: string;
}

export function runNames({ product }: Pick<Pipeline, 'product'>): RunNames {
  return {
    product: product.name,
    platform: product.platform,
    flow: flowName(product.name),
    deployment: deploymentName(product.platform),
    record: artifactKey(product.name, 'record'),
  };
}

/** By this key Prefect makes one run only, however often it is asked; it counts for a flow, which platforms can share. */
export function idempotencyKey({ platform }: Pick<RunNames, 'platform'>, key: string): string {
  return `floe:${platform}:${key}`;
}

/** Bytes that Prefect takes as parameters of a run. */
const largestParameters = 524_288;

/** The body of `create_flow_run` for a request. */
export function launchParameters(request: RunRequest, names: RunNames): Outcome<Record<string, unknown>, BackendFault> {
  const parameters = { floe: request };
  const size = Buffer.byteLength(JSON.stringify(parameters));
  if (size > largestParameters) {
    return failure({
      code: 'INVALID_VALUE',
      message: `The settings of the run have ${size} bytes, Prefect takes ${largestParameters}.`,
      resolution: 'Select fewer nodes (or the whole product), and give fewer or shorter vars.',
      retryable: false,
    });
  }
  return success({
    name: request.key,
    parameters,
    idempotency_key: idempotencyKey(names, request.key),
    labels: {
      'floe.key': request.key,
      'floe.product': names.product,
      'floe.platform': names.platform,
      ...(request.bundle_hash !== null && { 'floe.bundle-hash': request.bundle_hash }),
      ...(request.retry_of !== null && { 'floe.retry-of': request.retry_of }),
      // Prefect continues the trace of the first, and writes its own span over it; the second stays.
      ...(request.traceparent !== null && {
        __OTEL_TRACEPARENT: request.traceparent,
        'floe.traceparent': request.traceparent,
      }),
    },
  });
}
