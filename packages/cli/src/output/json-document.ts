import type { ErrorDocument } from '@floe/core/errors/floe-error';

/** What `--output json` writes: exactly one of these on standard output. */
export interface JsonDocument {
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: ErrorDocument;
}

/** The document of an ended command. A failed run has both: its result and the error. */
export function jsonDocument(result: unknown, error: ErrorDocument | undefined): JsonDocument {
  return {
    ok: error === undefined,
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
  };
}
