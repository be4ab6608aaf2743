import { describe, expect, it } from '@jest/globals';
import { datasetNamespace } from './dataset-namespace.js';

const place = { platform: 'local', environment: 'dev' };

describe('datasetNamespace', () => {
  it.each([
    ['duckdb', { path: "{{ env_var('FLOE_DATA_DIR') }}/shop.duckdb" }, 'duckdb://local/dev/shop'],
    ['duckdb', { path: '/home/jane.doe/private/shop.duckdb' }, 'duckdb://local/dev/shop'],
    ['duckdb', { path: ':memory:' }, 'duckdb://local/dev/memory'],
    ['duckdb', {}, 'duckdb://local/dev/memory'],
    ['duckdb', { path: 'md:sales?motherduck_token=canary' }, 'duckdb://motherduck/sales'],
    ['duckdb', { path: '/data/umsätze 2026.db' }, 'duckdb://local/dev/ums_tze_2026'],
    ['postgres', { host: 'db.example.com', port: 6543, password: 'canary' }, 'postgres://db.example.com:6543'],
    ['postgres', { host: "{{ env_var('PGHOST') }}" }, "postgres://{{ env_var('PGHOST') }}:5432"],
    ['postgres', { host: 'jane:canary@db.example.com' }, 'postgres://db.example.com:5432'],
    ['snowflake', { account: 'org-account' }, 'snowflake://org-account'],
    ['bigquery', { project: 'p' }, 'bigquery'],
    ['databricks', { host: 'adb.example.com' }, 'databricks://adb.example.com'],
    ['sqlite', {}, 'sqlite://local/dev'],
  ])('%s %j', (adapter, connection, namespace) => {
    expect(datasetNamespace({ adapter, connection, ...place })).toBe(namespace);
  });
});
