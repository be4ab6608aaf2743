import type { Redactor } from '../redaction/redactor.js';
import type { Driver } from './driver.js';
import type { Diagnosis } from './job-result.js';
import type { RunReference, StuckPhase } from './run-backend.js';
import { withoutStackTrace } from './stack-trace.js';

/** Seconds that finding out a reason may take. */
const diagnoseTimeout = 10;

/** Asks the backend why a run does not go on; no answer is no reason to fail. */
export async function diagnose(
  driver: Driver,
  run: RunReference | undefined,
  phase: StuckPhase,
): Promise<Diagnosis | undefined> {
  const { backend, calls, limits, signal, context } = driver;
  const timeoutMs = Math.min(diagnoseTimeout, limits.callTimeout) * 1_000;
  const limit = signal.aborted ? { timeoutMs } : { timeoutMs, signal };
  const result = await calls.tell(limit, (options) => backend.diagnose(run, phase, options));
  return result.kind === 'value' ? redactDiagnosis(result.value, context.redactor) : undefined;
}

/** A diagnosis that may leave the process. */
export function redactDiagnosis({ cause, message, resolution }: Diagnosis, redactor: Redactor): Diagnosis {
  return {
    cause,
    message: redactor.redactText(withoutStackTrace(message)),
    resolution: redactor.redactText(resolution),
  };
}

/** What is said while another run of the same product holds the slot. */
export function ownSlotDiagnosis(product: string): Diagnosis {
  return {
    cause: 'waiting_for_own_slot',
    message: `Another run of ${product} is under way; this one starts when it has ended.`,
    resolution: 'Wait, or cancel the other run.',
  };
}
