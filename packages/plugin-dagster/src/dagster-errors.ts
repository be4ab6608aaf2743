import type { BackendFault } from '@floe/core/execution/run-backend';

/** A PythonError of Dagster's GraphQL. */
export interface DagsterError {
  readonly className: string | null;
  readonly message: string;
  readonly errorChain: readonly { readonly isExplicitLink: boolean; readonly error: DagsterErrorLink }[];
}

interface DagsterErrorLink {
  readonly className: string | null;
  readonly message: string;
}

/** Class and message without stack, class path and hints. */
export interface RootCause {
  readonly className: string;
  readonly message: string;
}

const longestMessage = 2_000;

/** Classes that only say that something went wrong inside, not what. */
const wrapper =
  /^(Dagster(ExecutionStepExecution|ResourceFunction|UserCodeLoad|UserCodeProcess|UserCodeUnreachable|UserCodeExecution|UserCode|CodeLocationLoad|Import|ExecutionLoadInput|ExecutionHandleOutput|TypeCheck|Invariant)\w*Error|RetryRequestedFromPolicy|SensorExecutionError|ScheduleExecutionError|ModuleLoadError)$/u;

/**
 * The deepest cause that is not a wrapper of Dagster's own: what a person has to mend.
 * Dagster lists the chain from the outside in; a cause that was only handled (`isExplicitLink` false) is not followed.
 */
export function rootCause(error: DagsterError): RootCause {
  let cause: DagsterErrorLink = error;
  for (const link of error.errorChain) {
    if (!link.isExplicitLink && !isWrapper(cause)) break;
    cause = link.error;
  }
  return { className: cause.className ?? 'Error', message: cleanMessage(cause.message) };
}

/** `Class: message` of the deepest cause, in one line where it is short. */
export function describeCause(error: DagsterError): string {
  const { className, message } = rootCause(error);
  if (className === 'Failure' || message === '') return message === '' ? className : message;
  return `${className}: ${message}`;
}

function isWrapper(error: DagsterErrorLink): boolean {
  return error.className !== null && wrapper.test(error.className);
}

/** Dagster puts the class path before a message, and sometimes a whole stack behind it. */
export function cleanMessage(text: string): string {
  const withoutStack = text.split(/\n\s*(?:Stack Trace:|Traceback \(most recent call last\):)/u, 1)[0] ?? '';
  const withoutClass = withoutStack.replace(/^(?:\w+\.)*\w*(?:Error|Exception|Failure|Interrupt|Exit|Warning): /u, '');
  const message = withoutClass
    .split('\n')
    .filter((line) => !/^\s*File ".*", line \d+/u.test(line))
    .join('\n')
    .trim();
  return message.length > longestMessage ? `${message.slice(0, longestMessage)} …` : message;
}

const unreachableCode = /^DagsterUserCodeUnreachableError$/u;

/** A PythonError as the answer of a call. */
export function faultOfPythonError(error: DagsterError): BackendFault {
  const names = [error.className, ...error.errorChain.map((link) => link.error.className)];
  const unreachable = names.some((name) => name !== null && unreachableCode.test(name));
  const cause = describeCause(error);
  if (unreachable) {
    return {
      code: 'PLATFORM_UNHEALTHY',
      message: `Dagster cannot reach the code location: ${cause}`,
      resolution: 'Check that its code server runs, then reload the code location in Dagster.',
      retryable: true,
    };
  }
  return {
    code: 'PLATFORM_REFUSED',
    message: `Dagster could not do it: ${cause}`,
    resolution: "Look into the webserver's log for more; if it is a passing fault, try again.",
    retryable: false,
  };
}

/** The endpoint takes no changes: a read-only webserver, or a role without the right. */
export function unauthorizedFault(message: string): BackendFault {
  return {
    code: 'CONNECTION_READ_ONLY',
    message: `Dagster refuses changes at this address: ${cleanMessage(message)}`,
    resolution: 'Use the address of a webserver that was not started with --read-only, or a role that may launch runs.',
    retryable: false,
  };
}

/** An answer of a kind that floe does not know: a newer Dagster. */
export function unknownAnswerFault(operation: string, typename: string): BackendFault {
  return {
    code: 'PLATFORM_ANSWER_INVALID',
    message: `Dagster answered ${operation} with "${typename}", which floe does not know.`,
    resolution: 'Compare the version of Dagster with the versions that the plugin supports (`floe doctor`).',
    retryable: false,
  };
}
