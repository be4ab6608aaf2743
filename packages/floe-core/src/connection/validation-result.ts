import type { ErrorCode } from '../errors/error-codes.js';

/** How one step of a connection check ended. */
export interface ValidationStep {
  /** resolve, connect, tls, http, product, version, credentials, health, permissions, … */
  readonly name: string;
  readonly outcome: 'passed' | 'warned' | 'failed' | 'skipped';
  readonly message: string;
  readonly resolution?: string;
  readonly code?: ErrorCode;
  readonly durationMs: number;
}

/** The answer of `validateConnection` (REQ-024). */
export interface ValidationResult {
  readonly success: boolean;
  /** One sentence for a person; with the next step when it failed. */
  readonly message: string;
  readonly details: {
    readonly endpoint: string;
    readonly durationMs: number;
    readonly version?: string;
    readonly steps: readonly ValidationStep[];
    readonly warnings: readonly string[];
  };
}
