import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts, type ExampleOrchestration } from '@floe/core/testing/example-artifacts';
import { buildNameTable, type NameTable } from './dagster-name-table.js';

function namesOf(parts: ExampleOrchestration): NameTable {
  return buildNameTable(requirePipeline(exampleArtifacts(parts)));
}

describe('buildNameTable', () => {
  it('names what it finds', () => {
    const names = namesOf({
      nodes: [{ unique_id: 'model.shop.orders' }, { unique_id: 'model.shop.customers.v2' }],
      checks: [
        { unique_id: 'test.shop.not_null_orders_id', parents: ['model.shop.orders'] },
        { unique_id: 'test.shop.totals' },
      ],
      sources: [{ unique_id: 'source.shop.raw.orders' }],
      exposures: [{ unique_id: 'exposure.shop.board' }],
      schedules: [{ name: 'daily', cron: '0 6 * * *' }],
    });
    expect(names.problems).toEqual([]);
    expect(names).toMatchObject({ op: 'shop_dbt', pool: 'floe_shop', productKey: ['shop'] });
    expect(names.keys.get('model.shop.customers.v2')).toEqual(['shop', 'customers.v2']);
    expect(names.keys.get('source.shop.raw.orders')).toEqual(['shop', 'raw', 'orders']);
    expect(names.keys.get('exposure.shop.board')).toEqual(['shop', 'exposures', 'board']);
    expect(names.checks.get('test.shop.not_null_orders_id')).toEqual({
      assetKey: ['shop', 'orders'],
      name: 'not_null_orders_id',
    });
    expect(names.checks.get('test.shop.totals')).toEqual({ assetKey: ['shop'], name: 'totals' });
    expect(names.jobs.get('shop')).toBe('shop_job');
    expect(names.schedules.get('daily')).toBe('daily_schedule');
  });

  it.each<[string, ExampleOrchestration, readonly string[]]>([
    [
      'a dash and an underscore',
      { nodes: [{ unique_id: 'model.shop.a_b' }, { unique_id: 'model.shop.a-b' }] },
      ['models/a-b.sql', 'models/a_b.sql'],
    ],
    [
      'a version and a name that looks like it',
      { nodes: [{ unique_id: 'model.shop.a_v2' }, { unique_id: 'model.shop.a.v2' }] },
      ['models/a_v2.sql', 'models/a.sql'],
    ],
    [
      'an asset and the check of another one',
      {
        nodes: [{ unique_id: 'model.shop.a' }, { unique_id: 'model.shop.a_c' }],
        checks: [{ unique_id: 'test.shop.c', parents: ['model.shop.a'] }],
      },
      ['models/schema.yml', 'models/a_c.sql'],
    ],
    [
      'two checks of two assets',
      {
        nodes: [{ unique_id: 'model.shop.a' }, { unique_id: 'model.shop.a_b' }],
        checks: [
          { unique_id: 'test.shop.b_c', parents: ['model.shop.a'] },
          { unique_id: 'test.shop.c', parents: ['model.shop.a_b'] },
        ],
      },
      ['models/schema.yml'],
    ],
    [
      'a key given for migration',
      {
        nodes: [
          { unique_id: 'model.shop.a', key_overrides: { dagster: ['x', 'y'] } },
          { unique_id: 'model.shop.b', key_overrides: { dagster: ['x__y'] } },
        ],
      },
      ['models/a.sql', 'models/b.sql'],
    ],
  ])('finds %s that fall together, and names the files', (_name, parts, files) => {
    const { problems } = namesOf(parts);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'NAME_COLLISION', severity: 'error' });
    for (const file of files) expect(problems[0]?.resolution).toContain(file);
  });

  it('refuses a word that Dagster keeps for itself', () => {
    const { problems } = namesOf({ nodes: [{ unique_id: 'model.shop.a', key_overrides: { dagster: ['type'] } }] });
    expect(problems).toMatchObject([
      { code: 'NAME_NOT_ALLOWED', location: { file: 'models/a.sql', node: 'model.shop.a' } },
    ]);
    const two = namesOf({ nodes: [{ unique_id: 'model.shop.a', key_overrides: { dagster: ['x', 'type'] } }] });
    expect(two.problems).toEqual([]);
  });

  it('tells sources apart whose inputs Dagster would confuse', () => {
    const { keys, problems } = namesOf({
      nodes: [{ unique_id: 'model.shop.a' }],
      sources: [{ unique_id: 'source.shop.raw.web_orders' }, { unique_id: 'source.shop.raw_web.orders' }],
    });
    expect(problems).toEqual([]);
    expect(keys.get('source.shop.raw.web_orders')).toEqual(['shop', 'raw', 'web_orders']);
    expect(keys.get('source.shop.raw_web.orders')).toEqual(['shop', 'raw_web', 'orders.source']);
  });

  it('finds schedules that fall together', () => {
    const { problems } = namesOf({
      nodes: [{ unique_id: 'model.shop.a' }],
      schedules: [
        { name: 'every-day', cron: '0 6 * * *' },
        { name: 'every_day', cron: '0 7 * * *' },
      ],
    });
    expect(problems).toMatchObject([{ code: 'NAME_COLLISION' }]);
    expect(problems[0]?.message).toContain('every_day_schedule');
  });
});
