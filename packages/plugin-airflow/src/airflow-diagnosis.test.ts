import { describe, expect, it } from '@jest/globals';
import { recordedJson } from '../tests/support/airflow-recordings.js';
import {
  dagAnswer,
  dependenciesAnswer,
  healthAnswer,
  runAnswer,
  taskInstanceAnswer,
  type Dependency,
  type TaskInstance,
} from './airflow-answers.js';
import { diagnose, silence, type DiagnosisFacts } from './airflow-diagnosis.js';

const now = Date.parse('2026-11-25T07:21:05Z');
const health = healthAnswer.parse(recordedJson('health-all-ok'));
const dag = dagAnswer.parse(recordedJson('dag-get'));
const run = runAnswer.parse(recordedJson('trigger-ok'));
const running = { ...run, state: 'running' };
const fault = { code: 'CONNECTION_UNREACHABLE', message: 'away', resolution: 'start it', retryable: true } as const;
const dead = { status: 'unhealthy', latest_scheduler_heartbeat: '2026-11-25T07:20:05Z' };

function build(state: string | null): TaskInstance {
  return taskInstanceAnswer.parse({ task_id: 'build', state, try_number: 1 });
}

function reasons(name: string): readonly Dependency[] {
  return dependenciesAnswer.parse(recordedJson(name)).dependencies;
}

function dependency(reason: string): readonly Dependency[] {
  return [{ name: 'x', reason }];
}

const none = { retryable: false, resolution: 'deploy' } as const;

describe('diagnose', () => {
  it.each<[string, Partial<DiagnosisFacts>]>([
    ['airflow_unreachable', { fault }],
    ['dag_missing', { phase: 'submitting', deployment: { ...none, code: 'DEPLOYMENT_MISSING', message: 'no DAG' } }],
    ['dag_broken', { phase: 'submitting', deployment: { ...none, code: 'DEPLOYMENT_NOT_LOADED', message: 'broken' } }],
    ['database_down', { phase: 'queued', health: { ...health, metadatabase: { status: 'unhealthy' } } }],
    ['scheduler_down', { phase: 'queued', health: { ...health, scheduler: dead } }],
    ['scheduler_down', { phase: 'starting', health: { ...health, scheduler: dead } }],
    ['dag_paused', { phase: 'queued', dag: { ...dag, is_paused: true } }],
    ['future_run', { phase: 'queued', run: { ...run, run_after: '2030-01-01T00:00:00Z' } }],
    ['waiting_for_own_slot', { phase: 'queued', otherRuns: [{ ...running, dag_run_id: 'other' }] }],
    ['not_dequeued', { phase: 'queued' }],
    ['pool_missing', { phase: 'starting', dependencies: reasons('deps-nopool') }],
    ['no_task_slots', { phase: 'starting', dependencies: reasons('deps-zero-slots') }],
    ['future_logical_date', { phase: 'starting', dependencies: reasons('deps-future-date') }],
    ['task_limit', { phase: 'starting', dependencies: dependency('The maximum number of running tasks (16) for DAG') }],
    ['pool_full', { phase: 'starting', dependencies: dependency("There are not enough open pool slots in 'p'") }],
    ['dag_paused', { phase: 'starting', dependencies: dependency("Task's DAG 'one' is paused.") }],
    ['waiting_for_retry', { phase: 'starting', dependencies: dependency('Task is not ready for retry yet') }],
    ['no_free_slot', { phase: 'starting', run: running, build: build('scheduled') }],
    ['no_worker', { phase: 'starting', run: running, build: build('queued') }],
    ['just_started', { phase: 'starting', run: running, build: build('running') }],
    ['empty_dag', { phase: 'starting', run: running, build: null }],
    ['tasks_removed', { phase: 'running', run: running, build: build('removed') }],
    ['awaiting_input', { phase: 'running', run: running, build: build('awaiting_input') }],
    ['waiting_for_retry', { phase: 'running', run: running, build: build('up_for_retry') }],
    ['deferred', { phase: 'running', run: running, build: build('deferred') }],
    [
      'triggerer_down',
      {
        phase: 'running',
        run: running,
        build: build('success'),
        health: healthAnswer.parse(recordedJson('health-triggerer-dead')),
      },
    ],
    ['still_running', { phase: 'running', run: running, build: build('running') }],
    [
      'scheduler_down',
      { phase: 'running', run: running, build: build('running'), health: { ...health, scheduler: dead } },
    ],
    ['no_record', { phase: 'finishing' }],
    ['not_stopping', { phase: 'cancelling', build: build('running'), run: running }],
    ['not_submitted', { phase: 'submitting' }],
    ['worker_not_started', { phase: 'starting', run: running, build: build(null) }],
  ])('%s', (cause, fields) => {
    const diagnosis = diagnose({ phase: 'queued', dagId: 'one', now, health, ...fields });
    expect(diagnosis.cause).toBe(cause);
    expect(diagnosis.message.length).toBeGreaterThan(3);
    expect(diagnosis.resolution).not.toBe('');
  });

  it('takes the cause of an end before everything else', () => {
    const cause = { cause: 'worker_killed', message: 'killed', resolution: 'memory' };
    expect(diagnose({ phase: 'finishing', dagId: 'one', now, cause })).toEqual(cause);
  });
});

describe('silence', () => {
  it('tells the age of a heartbeat', () => {
    expect(silence('2026-11-25T07:20:05Z', now)).toBe('its last heartbeat was 60 s ago');
    expect(silence(null, now)).toBe('it has never sent a heartbeat');
  });
});
