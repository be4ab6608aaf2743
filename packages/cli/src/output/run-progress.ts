import type { RunEvent } from '@floe/core/execution/run-events';
import { isFinished, isSuccessful, type NodeStatus } from '@floe/core/execution/node-status';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { formatSeconds } from './format-seconds.js';
import type { Styles } from './styles.js';

/** What is known of a run while it goes on. */
export interface RunProgress {
  readonly phase: string;
  /** Names of the nodes under way, in the order of their start. */
  readonly running: ReadonlyMap<string, string>;
  /** Last status of every node that ended. */
  readonly finished: ReadonlyMap<string, NodeStatus>;
}

/** A change: the new state and the lines that stay on the screen. */
export interface ProgressStep {
  readonly progress: RunProgress;
  readonly lines: readonly string[];
}

export const initialProgress: RunProgress = { phase: 'submitted', running: new Map(), finished: new Map() };

/** Names of the nodes of a product by dbt unique_id. */
export function nodeNames(pipeline: Pipeline): ReadonlyMap<string, string> {
  return new Map([...pipeline.assets, ...pipeline.checks].map((node) => [node.id, node.name]));
}

/** Takes one event of a run into the state (pure). */
export function advance(
  progress: RunProgress,
  event: RunEvent,
  names: ReadonlyMap<string, string>,
  styles: Styles,
): ProgressStep {
  switch (event.type) {
    case 'submitted': {
      const verb = event.adopted ? 'follows run' : 'started run';
      return {
        progress,
        lines: [`${verb} ${event.run.runId}${event.run.url === null ? '' : ` ${styles.dim(event.run.url)}`}`],
      };
    }
    case 'phase':
      return {
        progress: { ...progress, phase: event.phase },
        lines: event.phase === progress.phase ? [] : [styles.dim(phaseText(event.phase))],
      };
    case 'waiting':
      return {
        progress,
        lines: [
          `${styles.yellow('waiting')}: ${event.diagnosis.message} ${styles.dim(event.diagnosis.resolution)}`.trimEnd(),
        ],
      };
    case 'restarted':
      return { progress, lines: [`${styles.yellow('restarted')} as run ${event.run.runId}`] };
    case 'node':
      return nodeStep(progress, event, names.get(event.id) ?? event.id, styles);
    case 'log':
    case 'finished':
      return { progress, lines: [] };
  }
}

function nodeStep(
  progress: RunProgress,
  event: Extract<RunEvent, { type: 'node' }>,
  name: string,
  styles: Styles,
): ProgressStep {
  const running = new Map(progress.running);
  const finished = new Map(progress.finished);
  if (!isFinished(event.status)) {
    if (event.status === 'running') running.set(event.id, name);
    return { progress: { ...progress, running }, lines: [] };
  }
  running.delete(event.id);
  const isRepeated = finished.get(event.id) === event.status;
  finished.set(event.id, event.status);
  const details = [
    ...(event.seconds === null || event.status === 'skipped' ? [] : [formatSeconds(event.seconds)]),
    ...(event.rows === null ? [] : [`${event.rows} ${event.rows === 1 ? 'row' : 'rows'}`]),
  ].join(', ');
  const message =
    !isSuccessful(event.status) && event.status !== 'skipped' && event.message !== null
      ? `: ${firstLine(event.message)}`
      : '';
  const line = `${statusColor(event.status, styles)(event.status)} ${name}${details === '' ? '' : styles.dim(` (${details})`)}${message}`;
  return { progress: { ...progress, running, finished }, lines: isRepeated ? [] : [line] };
}

/** `12 of 40 done, 1 failed, 3 running`. */
export function progressSummary(progress: RunProgress, total: number | undefined): string {
  const failed = [...progress.finished.values()].filter(
    (status) => !isSuccessful(status) && status !== 'skipped',
  ).length;
  const skipped = [...progress.finished.values()].filter((status) => status === 'skipped').length;
  return [
    `${progress.finished.size}${total === undefined ? '' : ` of ${total}`} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(progress.running.size > 0 ? [`${progress.running.size} running`] : []),
  ].join(', ');
}

/** The colour of a status. */
export function statusColor(status: NodeStatus, styles: Styles): (text: string) => string {
  switch (status) {
    case 'succeeded':
      return styles.green;
    case 'warned':
    case 'skipped':
    case 'cancelled':
      return styles.yellow;
    case 'failed':
    case 'unknown':
      return styles.red;
    case 'pending':
    case 'running':
      return (text) => text;
  }
}

function phaseText(phase: string): string {
  switch (phase) {
    case 'queued':
      return 'waiting in the queue';
    case 'starting':
      return 'starting';
    case 'finishing':
      return 'collecting the result';
    default:
      return phase;
  }
}

/** The line of a message that says most: dbt's first line often only repeats the name of the node. */
function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const [first = '', second = ''] = lines.filter((line) => line !== '');
  return /^\w+ Error in \w+ /.test(first) && second !== '' ? second : first;
}
