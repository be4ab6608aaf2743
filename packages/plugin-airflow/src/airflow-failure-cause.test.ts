import { describe, expect, it } from '@jest/globals';
import { recordedJson } from '../tests/support/airflow-recordings.js';
import {
  eventLogsAnswer,
  logAnswer,
  runAnswer,
  taskInstanceAnswer,
  type EventLog,
  type LogItem,
  type TaskInstance,
} from './airflow-answers.js';
import { endOf, type EndFacts } from './airflow-failure-cause.js';

const failedRun = runAnswer.parse(recordedJson('run-failed'));

function task(state: string | null): TaskInstance {
  return taskInstanceAnswer.parse({ task_id: 'build', state, try_number: 1, start_date: '2026-01-01T00:00:00Z' });
}

function event(name: string, extra = ''): EventLog {
  return { event: name, when: '', task_id: null, owner: 'ann', extra };
}

function line(text: string, level = 'error', errors: LogItem['error_detail'] = []): LogItem {
  return { event: text, timestamp: null, level, logger: 'task', error_detail: errors };
}

function facts(fields: Partial<EndFacts>): EndFacts {
  return { run: failedRun, build: task('failed'), events: [], log: [line('started', 'info')], ...fields };
}

const green = { ...failedRun, state: 'success' };

describe('endOf', () => {
  it.each<[string, string, Partial<EndFacts>]>([
    ['cancelled', 'cancelled_at_airflow', { events: eventLogsAnswer.parse(recordedJson('event-logs')).event_logs }],
    ['cancelled', 'cancelled_at_airflow', { events: [event('patch_task_instance', '{"new_state": "failed"}')] }],
    ['timed_out', 'airflow_time_limit', { build: task('skipped') }],
    [
      'timed_out',
      'airflow_time_limit',
      { log: [line('x', 'error', [{ exc_type: 'AirflowTaskTimeout', exc_value: '' }])] },
    ],
    [
      'lost',
      'worker_killed',
      { log: [line('Process terminated by signal. Likely out of memory error (OOM).', 'critical')] },
    ],
    ['lost', 'heartbeat_timeout', { events: [event('heartbeat timeout')] }],
    ['lost', 'stuck_in_queued', { events: [event('stuck in queued tries exceeded')] }],
    ['lost', 'worker_lost', { events: [event('state mismatch')] }],
    ['failed', 'worker_differs', { log: [line('Dag not found during start up')] }],
    ['lost', 'token_secret_differs', { log: [line('Invalid auth token: Signature verification failed', 'critical')] }],
    ['lost', 'died_before_start', { log: [] }],
    ['failed', 'loader_failed', { log: logAnswer.parse(recordedJson('log-failed')).content }],
    ['succeeded', 'empty_dag', { run: green, build: undefined }],
    ['succeeded', 'tasks_removed', { run: green, build: task('removed') }],
    ['succeeded', 'work_skipped', { run: green, build: task('skipped') }],
  ])('%s: %s', (ending, cause, fields) => {
    const end = endOf(facts(fields));
    expect(end).toMatchObject({ ending, cause: { cause } });
    expect(end.cause?.resolution).not.toBe('');
  });

  it('says why the task failed, without stack and folders', () => {
    const { content } = logAnswer.parse(recordedJson('log-failed'));
    expect(endOf(facts({ log: content })).cause?.message).toBe('ValueError: boom secret-ish');
  });

  it('has no more to say about a run that failed by its nodes, a green one, and one of which nothing is known', () => {
    expect(endOf(facts({ build: task('success') }))).toEqual({ ending: 'failed' });
    expect(endOf(facts({ run: green, build: task('success') }))).toEqual({ ending: 'succeeded' });
    expect(endOf(facts({}))).toEqual({ ending: 'lost' });
  });

  it('takes a run that was set going again by hand for no cancellation', () => {
    expect(endOf(facts({ events: [event('patch_dag_run', '{"state": "queued"}')] })).ending).not.toBe('cancelled');
  });
});
