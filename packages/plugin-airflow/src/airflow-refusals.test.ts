import { describe, expect, it } from '@jest/globals';
import { FloeError } from '@floe/core/errors/floe-error';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts, type ExampleOrchestration } from '@floe/core/testing/example-artifacts';
import { buildDefinitions, type Appearance } from './airflow-definitions.js';

const a = { unique_id: 'model.shop.a' };
const b = { unique_id: 'model.shop.b' };
const daily = { name: 'daily', cron: '@daily' };
const statusUrl = 'file:///shared/floe';

type Row = readonly [string, ExampleOrchestration, string, string, Appearance?];

function scheduled(schedule: Readonly<Record<string, unknown>>): ExampleOrchestration {
  return { nodes: [a], schedules: [{ ...daily, ...schedule }] };
}

function sensed(sensor: Readonly<Record<string, unknown>>): ExampleOrchestration {
  return { nodes: [a], sensors: [{ name: 's', ...sensor }] };
}

function named(...key: string[]): ExampleOrchestration {
  return { nodes: [{ ...a, key_overrides: { airflow: key } }, b] };
}

/** What Airflow would import in silence, or break on after a deployment: input, code, and what the message names. */
const rows: readonly Row[] = [
  ['a product without anything to run', {}, 'ARTIFACTS_EMPTY', 'nothing to run'],
  ['a node that reads itself', { nodes: [a], edges: [[a.unique_id, a.unique_id]] }, 'SELF_DEPENDENCY', 'models/a.sql'],
  [
    'a circle',
    {
      nodes: [a, b],
      edges: [
        [a.unique_id, b.unique_id],
        [b.unique_id, a.unique_id],
      ],
    },
    'DEPENDENCY_CYCLE',
    'models/b.sql',
  ],
  [
    'a parent that is not there',
    { nodes: [a], edges: [['model.shop.x', a.unique_id]] },
    'UNKNOWN_DEPENDENCY',
    'model.shop.x',
  ],
  ['a node twice', { nodes: [a, { ...a, file: 'models/again.sql' }] }, 'DUPLICATE_NAME', 'models/again.sql'],
  [
    'a test of nothing known',
    { nodes: [a], checks: [{ unique_id: 'test.shop.t', parents: ['model.shop.x'] }] },
    'UNKNOWN_DEPENDENCY',
    'test.shop.t',
  ],
  [
    'an exposure of nothing known',
    { nodes: [a], exposures: [{ unique_id: 'exposure.shop.e', parents: ['model.shop.x'] }] },
    'UNKNOWN_DEPENDENCY',
    'exposure.shop.e',
  ],
  ['two nodes that become one asset', named('shop', 'b'), 'NAME_COLLISION', 'shop/b'],
  ['an asset with a word of Airflow as its name', named('self'), 'NAME_NOT_ALLOWED', 'keeps for itself'],
  ['an asset with the name of the product', named('shop'), 'NAME_NOT_ALLOWED', 'the product itself'],
  ['an asset whose address does not fit', named('x'.repeat(1_500)), 'NAME_NOT_ALLOWED', '1500'],
  [
    'a source that names an own model as its origin',
    { nodes: [a], sources: [{ unique_id: 'source.shop.raw.x', asset: 'shop/a' }] },
    'INVALID_VALUE',
    'source.shop.raw.x',
  ],
  [
    'a source with an origin of no product',
    { nodes: [a], sources: [{ unique_id: 'source.shop.raw.x', asset: 'nothing' }] },
    'INVALID_VALUE',
    'nothing',
  ],
  [
    'a zone that does not exist',
    scheduled({ timezone: 'Europe/Atlantis' }),
    'TIME_ZONE_INVALID',
    'schedules[daily].timezone',
  ],
  ['a zone in other letters', scheduled({ timezone: 'europe/berlin' }), 'TIME_ZONE_INVALID', 'Europe/Berlin'],
  ['a cron with a minute too many', scheduled({ cron: '60 * * * *' }), 'CRON_INVALID', 'schedules[daily].cron'],
  ['a cron of six fields', scheduled({ cron: '0 0 * * * *' }), 'CRON_INVALID', 'schedules[daily].cron'],
  [
    'a cron with a letter that only Airflow knows',
    scheduled({ cron: 'H * * * *' }),
    'CRON_INVALID',
    'schedules[daily].cron',
  ],
  ['a cron of a day that never comes', scheduled({ cron: '0 0 31 2 *' }), 'CRON_INVALID', 'schedules[daily].cron'],
  ['a schedule twice', { nodes: [a], schedules: [daily, daily] }, 'DUPLICATE_NAME', 'schedules[daily].name'],
  ['a schedule of nothing', scheduled({ select: 'tag:none' }), 'SELECTION_EMPTY', 'schedules[daily].select'],
  ['a selection that is none', scheduled({ select: 'what:ever' }), 'SELECTION_INVALID', 'schedules[daily].select'],
  ['a schedule whose name does not fit', scheduled({ name: 'x'.repeat(250) }), 'NAME_NOT_ALLOWED', '250'],
  [
    'a sensor whose name does not fit',
    { nodes: [a], sensors: [{ name: 'x'.repeat(250), type: 'product_succeeded', product: 'sales' }] },
    'NAME_NOT_ALLOWED',
    '250',
  ],
  [
    'a sensor that waits for itself',
    sensed({ type: 'product_succeeded', product: 'shop' }),
    'SENSOR_INVALID',
    'sensors[s].product',
  ],
  [
    'a sensor of an own asset',
    sensed({ type: 'asset_updated', asset: 'shop/a' }),
    'SENSOR_INVALID',
    'sensors[s].asset',
  ],
  [
    'a sensor of a file above the folder',
    sensed({ type: 'file_changed', path: '../secret.csv' }),
    'SENSOR_INVALID',
    'sensors[s].path',
  ],
  [
    'a sensor of an object store',
    sensed({ type: 'file_changed', path: 's3://bucket/a' }),
    'SENSOR_INVALID',
    'sensors[s].path',
  ],
  [
    'a sensor of a page that is none',
    sensed({ type: 'http_ready', url: 'ftp://host.example/a' }),
    'SENSOR_INVALID',
    'sensors[s].url',
  ],
  [
    'a sensor of a page with a password',
    sensed({ type: 'http_ready', url: 'https://me:hunter2@host.example/' }),
    'SENSOR_INVALID',
    'sensors[s].url',
  ],
  [
    'nodes as tasks without a place for their states',
    { nodes: [a] },
    'INVALID_VALUE',
    'status_url',
    { granularity: 'node' },
  ],
  [
    'nodes as tasks, too many',
    { nodes: Array.from({ length: 51 }, (_, index) => ({ unique_id: `model.shop.m${index}` })) },
    'INVALID_VALUE',
    '51 assets',
    { granularity: 'node', statusUrl },
  ],
];

describe('what Airflow would import in silence, or break on', () => {
  it.each(rows)('is refused before a deployment: %s', (...[, parts, code, part, appearance]: Row) => {
    let thrown: unknown;
    try {
      buildDefinitions(requirePipeline(exampleArtifacts(parts)), [], appearance);
    } catch (error) {
      thrown = error;
    }
    if (!FloeError.isInstance(thrown)) throw new TypeError('Nothing was refused.');
    const text = JSON.stringify(thrown.toJSON());
    expect(thrown.code).toBe(code);
    expect(text).toContain(part);
    expect(text).not.toContain('hunter2');
    expect(thrown.resolution).not.toBe('');
  });
});
