import type { FloeError } from '../errors/floe-error.js';
import type { ValidationResult } from './validation-result.js';

/** The check of a connection whose settings or secrets cannot be read; nothing was sent. */
export function unopenedConnection(endpoint: string | undefined, error: FloeError): ValidationResult {
  const { code, message, resolution } = error;
  const step = { name: 'credentials', outcome: 'failed', message, resolution, code, durationMs: 0 } as const;
  return {
    success: false,
    message: `${message} ${resolution}`,
    details: { endpoint: endpoint ?? '', durationMs: 0, steps: [step], warnings: [] },
  };
}
