import type { Diagnosis } from '@floe/core/execution/job-result';
import type { FlowRun, PrefectLog } from './prefect-answers.js';

/** What the end of a run and its log say about the reason. */
export interface FailureCause {
  /** `failed`: nothing was lost, the run could not begin or was refused; `lost`: its process is gone. */
  readonly kind: 'failed' | 'lost' | 'timed_out';
  readonly diagnosis: Diagnosis;
}

interface Rule {
  readonly pattern: RegExp;
  readonly kind: FailureCause['kind'];
  readonly cause: string;
  /** Replaces Prefect's own text, which says less or too much. */
  readonly message?: string;
  readonly resolution: string;
}

/** Lines of ERROR logs and messages of terminal states of Prefect 3.9, the surer ones first. */
const rules: readonly Rule[] = [
  {
    pattern: /No sign of life for|no heartbeat/iu,
    kind: 'lost',
    cause: 'heartbeat_lost',
    resolution:
      'Look for a killed worker or machine, or a lack of memory, where the run was; then run again what did not succeed.',
  },
  {
    pattern: /status code: -9\b|SIGKILL|OOMKilled|out.of.memory/iu,
    kind: 'lost',
    cause: 'process_killed',
    resolution: 'Look for a lack of memory or a person who killed it where the run was; give the worker more memory.',
  },
  {
    pattern: /status code: -?(?:15|143)\b|SIGTERM/iu,
    kind: 'lost',
    cause: 'process_terminated',
    resolution: 'The worker or its machine was stopped in the middle: start the run again when it is back.',
  },
  {
    pattern: /exceeded timeout|Flow run .*timed out|TimedOut/iu,
    kind: 'timed_out',
    cause: 'prefect_time_limit',
    resolution: "Find what takes so long in the run's log, or raise the timeout.",
  },
  {
    pattern: /ErrImagePull|ImagePullBackOff|(?:pull|find) (?:the )?image|ImageNotFound/iu,
    kind: 'failed',
    cause: 'image_not_pulled',
    resolution: 'Check the image in delivery.ref and the pull secret of the workers.',
  },
  {
    pattern: /is forbidden: User|Forbidden\b.*\b(?:jobs|pods)\b/iu,
    kind: 'failed',
    cause: 'worker_forbidden',
    resolution: 'Give the service account of the worker the right to make jobs and pods.',
  },
  {
    pattern: /No such file or directory: '[^']*\.bundles|set_working_directory|Unable to .*working directory/iu,
    kind: 'failed',
    cause: 'directory_missing',
    resolution:
      'Check that the workers see the delivery folder under the same path; deploy the product again (`floe deploy`).',
  },
  {
    pattern: /git_clone|Failed to clone|fatal: (?:repository|could not read|Authentication)/iu,
    kind: 'failed',
    cause: 'clone_failed',
    resolution: 'Check delivery.url and delivery.ref, and that the workers may read the repository.',
  },
  {
    pattern: /ModuleNotFoundError: No module named '(?:floe_runtime|dbt|prefect)/u,
    kind: 'failed',
    cause: 'environment_incomplete',
    resolution:
      "Install the bundle's requirements.txt in the environment of the workers, or use the image made from its Dockerfile.",
  },
  {
    pattern: /MissingFlowError|has no attribute '\w+'|Flow function with name|ScriptError|Script at|entrypoint/iu,
    kind: 'failed',
    cause: 'entrypoint_broken',
    resolution: 'Deploy the product again (`floe deploy`): deployment and files of the bundle do not agree.',
  },
  {
    pattern: /ParameterTypeError|SignatureMismatchError|ParameterBindError|invalid parameters|unexpected keyword/iu,
    kind: 'failed',
    cause: 'parameters_refused',
    resolution: 'Deploy the product again so that the deployment and the flow agree about parameters.',
  },
  {
    pattern: /ModuleNotFoundError|ImportError|SyntaxError/u,
    kind: 'failed',
    cause: 'loader_failed',
    resolution: "Look into the run's log in Prefect, mend what it says and deploy the product again.",
  },
];

const exitStatus = /^Process exited with status code: (-?\d+)/u;

/** Why a run that ended without a record ended, by its last state and the ERROR lines of its log. */
export function causeOf(
  run: Pick<FlowRun, 'state_type' | 'state'>,
  errors: readonly PrefectLog[],
): FailureCause | undefined {
  const message = run.state?.message ?? '';
  const texts = [message, ...errors.map((log) => log.message)].filter((text) => text.trim() !== '');
  for (const rule of rules) {
    const text = texts.find((candidate) => rule.pattern.test(candidate));
    if (text === undefined) continue;
    return {
      kind: rule.kind,
      diagnosis: {
        cause: rule.cause,
        message: rule.message ?? lineOf(text, rule.pattern),
        resolution: rule.resolution,
      },
    };
  }
  const error = errors.find(({ message: text }) => !exitStatus.test(text) && !text.includes('exited with status code'));
  if (error !== undefined) {
    return {
      kind: 'failed',
      diagnosis: {
        cause: 'loader_failed',
        message: lastLine(error.message),
        resolution: "Look into the run's log in Prefect, mend what it says and deploy the product again.",
      },
    };
  }
  if (run.state_type === 'FAILED' && message !== '') {
    return {
      kind: 'failed',
      diagnosis: {
        cause: 'flow_failed',
        message: firstLine(message),
        resolution: "Look into the run's log in Prefect, mend what it says and run again.",
      },
    };
  }
  if (run.state_type !== 'CRASHED') return undefined;
  const status = exitStatus.exec(message)?.[1];
  if (status !== undefined && Number(status) > 0) return endedBeforeItsLog(status);
  return {
    kind: 'lost',
    diagnosis: {
      cause: 'crashed',
      message: message === '' ? 'The run crashed; Prefect does not say why.' : firstLine(message),
      resolution: 'Look into the log of the worker, then run again what did not succeed.',
    },
  };
}

/** A process that ended before it could log anything: its pull steps failed, which Prefect writes on the worker only. */
function endedBeforeItsLog(status: string): FailureCause {
  return {
    kind: 'failed',
    diagnosis: {
      cause: 'not_prepared',
      message: `The process of the run ended with status ${status} before the flow began, and left no error in its log: the folder of the bundle is probably missing where the worker is.`,
      resolution:
        'Check that the workers see the delivery folder under the same path, deploy again, and look into the log of the worker.',
    },
  };
}

/** The line that a rule recognised; a stack is left behind. */
function lineOf(text: string, pattern: RegExp): string {
  const line = text.split('\n').findLast((candidate) => pattern.test(candidate) && !/^\s*File "/u.test(candidate));
  return shorten(line ?? firstLine(text));
}

/** Of a Python traceback, its message. */
function lastLine(text: string): string {
  return shorten(text.trimEnd().split('\n').at(-1) ?? text);
}

function firstLine(text: string): string {
  return shorten(text.split('\n')[0] ?? text);
}

const longestMessage = 500;

function shorten(text: string): string {
  const line = text.trim().replace(/ This is (?:typically|usually) .*$/u, '');
  return line.length > longestMessage ? `${line.slice(0, longestMessage)} …` : line;
}
