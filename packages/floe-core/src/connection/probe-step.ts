import type { ErrorCode } from '../errors/error-codes.js';
import type { BackendFault } from '../execution/run-backend.js';
import type { CallOptions } from '../time/call-options.js';

/** What a step found out. `version` is the version of the orchestrator, once a step knows it. */
export type StepResult =
  | { readonly outcome: 'passed'; readonly message: string; readonly version?: string }
  | { readonly outcome: 'skipped'; readonly message: string }
  | {
      readonly outcome: 'warned' | 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly resolution: string;
      readonly version?: string;
    };

/** One step of a connection check. It need not keep the limit of the call by itself, but should stop at its signal. */
export interface ProbeStep {
  readonly name: string;
  run(call: CallOptions): Promise<StepResult>;
}

/** A step that did what it should. */
export function passed(message: string, version?: string): StepResult {
  return version === undefined ? { outcome: 'passed', message } : { outcome: 'passed', message, version };
}

/** A step that ends the check. */
export function failed(fault: Pick<BackendFault, 'code' | 'message' | 'resolution'>): StepResult {
  return { outcome: 'failed', code: fault.code, message: fault.message, resolution: fault.resolution };
}

/** A step that found something wrong, with which one can still work. */
export function warned(fault: Pick<BackendFault, 'code' | 'message' | 'resolution'>): StepResult {
  return { outcome: 'warned', code: fault.code, message: fault.message, resolution: fault.resolution };
}
