import { stripVTControlCharacters } from 'node:util';
import type { Diagnosis, LogLine } from '@floe/core/execution/job-result';
import { nodeResultSchema, runRecordSchema, type NodeResult, type RunRecord } from '@floe/core/execution/run-record';
import { z } from 'zod';
import type { DagsterEvent } from './dagster-answers.js';
import { causeOfEvent } from './dagster-failure-cause.js';
import { cleanMessage, describeCause } from './dagster-errors.js';

/** Labels of the metadata by which the loader tells what its run does (python/floe_dagster). */
const labels = {
  result: 'floe/result',
  nodes: 'floe/nodes',
  record: 'floe/record',
  duplicateOf: 'floe/duplicate-of',
} as const;

/** What a page of a run's events tells. */
export interface RunNews {
  readonly nodes: readonly NodeResult[];
  readonly record?: RunRecord;
  readonly duplicateOf?: string;
  readonly cause?: Diagnosis;
  /** Dagster's own time limit ended the run. */
  readonly timedOut: boolean;
  /** The process of the run was lost. */
  readonly lost: boolean;
}

/** Reads what the loader and Dagster wrote into the event log; what floe does not know is passed over. */
export function readRunEvents(events: readonly DagsterEvent[]): RunNews {
  const nodes: NodeResult[] = [];
  let record: RunRecord | undefined;
  let duplicateOf: string | undefined;
  let cause: Diagnosis | undefined;
  let timedOut = false;
  let lost = false;
  for (const event of events) {
    const metadata = metadataOf(event);
    nodes.push(...nodesOf(metadata.get(labels.nodes)), ...nodesOf(metadata.get(labels.result)));
    record ??= parseJson(metadata.get(labels.record), runRecordSchema);
    duplicateOf ??= metadata.get(labels.duplicateOf);
    const found = causeOfEvent(event);
    cause ??= found?.diagnosis;
    timedOut ||= found?.kind === 'timed_out';
    lost ||= found?.kind === 'lost';
  }
  return {
    nodes,
    ...(record !== undefined && { record }),
    ...(duplicateOf !== undefined && { duplicateOf }),
    ...(cause !== undefined && { cause }),
    timedOut,
    lost,
  };
}

/** Events that say something to a person. */
const spoken: ReadonlySet<string> = new Set([
  'LogMessageEvent',
  'EngineEvent',
  'ExecutionStepFailureEvent',
  'RunFailureEvent',
  'RunCanceledEvent',
  'RunCancelingEvent',
  'ResourceInitFailureEvent',
  'HookErroredEvent',
]);

/** The lines of a run's log. */
export function readLogLines(events: readonly DagsterEvent[]): LogLine[] {
  return events.flatMap((event): LogLine[] => {
    if (!spoken.has(event.__typename)) return [];
    const metadata = metadataOf(event);
    if (metadata.has(labels.nodes) || metadata.has(labels.record)) return [];
    const cause = event.error == null ? '' : describeCause(event.error);
    const message = event.__typename === 'LogMessageEvent' ? event.message : cleanMessage(event.message);
    const text = stripVTControlCharacters([message, cause].filter((part) => part !== '').join(' '));
    // The loader writes several lines at once.
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines.map((line) => ({ at: timeOf(event), level: levelOf(event.level), text: line }));
  });
}

function metadataOf(event: DagsterEvent): ReadonlyMap<string, string> {
  const entries = [
    ...(event.metadataEntries ?? []),
    ...(event.evaluation?.metadataEntries ?? []),
    ...(event.failureMetadata?.metadataEntries ?? []),
  ];
  return new Map(entries.flatMap(({ label, text }) => (text === undefined ? [] : [[label, text] as const])));
}

function nodesOf(text: string | undefined): NodeResult[] {
  return parseJson(text, z.union([z.array(nodeResultSchema), nodeResultSchema.transform((node) => [node])])) ?? [];
}

function parseJson<Value>(text: string | undefined, schema: z.ZodType<Value>): Value | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return schema.safeParse(value).data;
}

function timeOf(event: DagsterEvent): string | null {
  const milliseconds = Number(event.timestamp);
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString() : null;
}

function levelOf(level: string): LogLine['level'] {
  switch (level) {
    case 'DEBUG':
      return 'debug';
    case 'WARNING':
      return 'warning';
    case 'ERROR':
    case 'CRITICAL':
      return 'error';
    default:
      return 'info';
  }
}
