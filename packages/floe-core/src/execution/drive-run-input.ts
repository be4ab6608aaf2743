import type { Pipeline } from '../pipeline/pipeline.js';
import type { Redactor } from '../redaction/redactor.js';
import type { Clock } from '../time/clock.js';
import type { Random } from '../time/random.js';
import type { RunReference } from './run-backend.js';
import type { RunLimits } from './run-limits.js';
import type { RunRequest } from './run-request.js';

/** What the driver shall run, or follow. */
export interface DriveRunInput {
  readonly request: RunRequest;
  /** The bundle that must be loaded; null accepts any. */
  readonly expectedHash: string | null;
  /** Gives names, kinds and files of nodes, and the execution policy. */
  readonly pipeline: Pipeline;
  /** The ended run whose failed part is repeated. */
  readonly retryOf?: RunReference;
  /** Follow this run, or the one with the request's key, instead of starting one; RUN_NOT_FOUND when there is none. */
  readonly attachTo?: RunReference | 'key';
  /** True when nobody can have used the key before; saves looking for an older run with it. Default false. */
  readonly freshKey?: boolean;
  readonly limits?: Partial<RunLimits>;
}

/** What the driver does not decide itself. */
export interface DriveRunContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly redactor: Redactor;
}
