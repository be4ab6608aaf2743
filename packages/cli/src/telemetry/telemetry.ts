import type { Tracer } from '@opentelemetry/api';

/** Traces of one command. */
export interface Telemetry {
  readonly tracer: Tracer;
  /** Sends what is left, for a short time, and says when it could not be sent. Never fails. */
  shutdown(): Promise<void>;
}
