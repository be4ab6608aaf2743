import type { ErrorCode } from '../errors/error-codes.js';
import type { StuckPhase } from './run-backend.js';

/** Why the driver itself ends a run. */
export type StopReason =
  /** The caller's signal. */
  | { readonly kind: 'signal' }
  /** A deadline of the run passed. */
  | {
      readonly kind: 'deadline';
      readonly code: Extract<ErrorCode, 'QUEUE_TIMEOUT' | 'START_TIMEOUT' | 'RUN_TIMED_OUT'>;
      readonly phase: StuckPhase;
      /** Length of the deadline. */
      readonly seconds: number;
    }
  /** Somebody else cancels it and the orchestrator does not come to an end. */
  | { readonly kind: 'elsewhere' }
  /** Another run of the product holds the slot and the product's `on_busy` says not to wait. */
  | { readonly kind: 'busy' };
