import type { BackendFault, StuckPhase } from './run-backend.js';
import type { Diagnosis } from './job-result.js';

/**
 * What is said of a run that does not go on once it is at work, when the orchestrator gives no better reason.
 * @param title the orchestrator, as people write it
 * @param said the last words about the run, with a blank before them; may be empty
 */
export function lateDiagnosis(
  phase: Extract<StuckPhase, 'running' | 'finishing' | 'cancelling'>,
  { title, said }: { readonly title: string; readonly said: string },
): Diagnosis {
  switch (phase) {
    case 'running':
      return {
        cause: 'still_running',
        message: `The run is still at work.${said}`,
        resolution: "Find what takes so long in the run's log, or raise the timeout.",
      };
    case 'finishing':
      return {
        cause: 'no_record',
        message: `The run ended without a record of what it did.${said}`,
        resolution: `Look into the run's log in ${title}.`,
      };
    case 'cancelling':
      return {
        cause: 'not_stopping',
        message: `The process of the run does not end.${said}`,
        resolution: 'Look for the process where the run is, and end it there.',
      };
  }
}

/** A fault as the cause why a run does not go on. */
export function diagnosisOfFault(cause: string, { message, resolution }: BackendFault): Diagnosis {
  return { cause, message, resolution };
}
