import { createHash } from 'node:crypto';
import type { Check, Pipeline } from '@floe/core/pipeline/pipeline';
import { taskIdLimit, taskWord } from './airflow-names.js';

/** A task in airflow.json: an asset with the tests that belong to it; `upstream` are indices of tasks. */
export interface TaskEntry {
  readonly id: string;
  /** What Airflow's pages show. */
  readonly title: string;
  readonly asset: number;
  readonly checks: readonly number[];
  readonly upstream: readonly number[];
}

/**
 * Node tasks up to which they are worth it. Airflow's triggerer is handed the whole DAG with each of them, so that the
 * cost grows with their square; and it does not read its child's log while it hands them over: measured on 3.3.2, two
 * runs of 200 after each other blocked both for ever, while four products of 50 at once ran well again and again.
 */
export const nodeTaskLimit = 50;

/** One task for each asset, in the order of the pipeline's assets. Tests of several assets belong to their first. */
export function buildTasks(pipeline: Pipeline): TaskEntry[] {
  const indices = new Map(pipeline.assets.map(({ id }, index) => [id, index]));
  const checks = pipeline.assets.map((): number[] => []);
  pipeline.checks.forEach((check, index) => {
    const home = homeOf(check, indices);
    if (home !== undefined) checks[home]?.push(index);
  });
  return pipeline.assets.map(({ id, key, upstream }, index) => ({
    id: taskIdOf(id),
    title: key.slice(1).join('.'),
    asset: index,
    checks: checks[index] ?? [],
    upstream: upstream.flatMap((parent) => indices.get(parent) ?? []).sort((left, right) => left - right),
  }));
}

/** The task of a node; its unique_id unless that is too long or has other characters. */
export function taskIdOf(uniqueId: string): string {
  const word = taskWord(uniqueId);
  if (word.length <= taskIdLimit) return word;
  const digest = createHash('sha256').update(uniqueId).digest('hex').slice(0, 16);
  return `${word.slice(0, taskIdLimit - digest.length - 1)}.${digest}`;
}

function homeOf({ primary, additional }: Check, indices: ReadonlyMap<string, number>): number | undefined {
  return [primary, ...additional].flatMap((id) => (id === null ? [] : (indices.get(id) ?? []))).at(0);
}
