import type { ErrorCode } from '../errors/error-codes.js';
import type { Problem } from '../errors/problem.js';

/** Something with a unique_id and a file: what problems of the graph name. */
export interface Located {
  readonly unique_id: string;
  readonly file: string;
}

/** An error about a node, with its file and unique_id. */
export function nodeError(code: ErrorCode, node: Located, message: string, resolution: string): Problem {
  return {
    code,
    severity: 'error',
    message,
    resolution,
    location: node.file === '' ? { node: node.unique_id } : { file: node.file, node: node.unique_id },
  };
}

/** An error about a key of the product's own settings, such as `schedules[daily].cron`. */
export function settingError(code: ErrorCode, path: string, message: string, resolution: string): Problem {
  return { code, severity: 'error', message, resolution, location: { node: path } };
}

/** `unique_id (file)`, for messages that name several nodes. */
export function nameOf(node: Located): string {
  return node.file === '' ? node.unique_id : `${node.unique_id} (${node.file})`;
}
