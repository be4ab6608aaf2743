import { describe, expect, it } from '@jest/globals';
import { createChainPipeline } from '@floe/core/testing/chain-pipeline';
import { z } from 'zod';
import { recordedBody } from '../tests/support/prefect-recordings.js';
import { deploymentUrl, pagesUrl, runUrl } from './prefect-addresses.js';
import { workPoolSchema } from './prefect-answers.js';
import { prefectConfigSchema, type PrefectConfig } from './prefect-config.js';
import { buildDefinitions } from './prefect-definitions.js';
import { loaderFiles } from './prefect-loader.js';
import { checkPlan } from './prefect-plan-check.js';
import { plannedObjects, withDeploymentIds, type PlannedObjects } from './prefect-planned-objects.js';
import { checkWorkPool } from './prefect-work-pool.js';

const hash = `sha256:${'a'.repeat(64)}`;
const definitions = buildDefinitions(createChainPipeline(), loaderFiles());

function plan(config: Readonly<Record<string, unknown>> = {}, directory?: string): PlannedObjects {
  return plannedObjects({ definitions, hash }, { config: configOf(config), directory });
}

function configOf(config: Readonly<Record<string, unknown>>): PrefectConfig {
  return prefectConfigSchema.parse(config);
}

describe('plannedObjects', () => {
  it('takes files from the folder of the bundle', () => {
    const [deployment] = plan({ work_queue: 'fast' }, '/srv/floe/.bundles/shop/0123').deployments;
    expect(deployment).toMatchObject({
      version: hash,
      workPool: 'floe',
      workQueue: 'fast',
      labels: { 'floe.platform': 'local', 'floe.product': 'shop' },
      pullSteps: [{ 'prefect.deployments.steps.set_working_directory': { directory: '/srv/floe/.bundles/shop/0123' } }],
    });
  });

  it('takes them from an image, or from git', () => {
    const image = plan({ delivery: { kind: 'image', ref: 'registry/shop:1' } }).deployments[0];
    expect(image).toMatchObject({
      job_variables: { image: 'registry/shop:1' },
      pullSteps: [{ 'prefect.deployments.steps.set_working_directory': { directory: '/opt/floe' } }],
    });
    const git = plan({ delivery: { kind: 'git', url: 'https://git.example/shop', ref: 'main' } }).deployments[0];
    expect(git?.pullSteps).toEqual([
      { 'prefect.deployments.steps.git_clone': { repository: 'https://git.example/shop', branch: 'main' } },
    ]);
  });

  it('joins job variables of the manifest with those of the product', () => {
    const [deployment] = plan({ job_variables: { env: { TZ: 'UTC' }, stream_output: false } }, '/x').deployments;
    expect(deployment?.job_variables).toEqual({
      env: { PREFECT_FLOWS_HEARTBEAT_FREQUENCY: '30', TZ: 'UTC' },
      stream_output: false,
    });
  });

  it('puts the ids of deployments into automations', () => {
    const [automation] = plan({}, '/x').automations;
    if (automation === undefined) throw new TypeError('There must be one.');
    expect(JSON.stringify(automation)).toContain('{deployment:product}');
    const text = JSON.stringify(withDeploymentIds(automation, new Map([['product', 'the-id']])));
    expect(text).toContain('prefect.deployment.the-id');
    expect(text).not.toContain('{deployment:');
  });
});

describe('checkPlan', () => {
  const planned = plan({}, '/x');
  const [deployment] = planned.deployments;
  if (deployment === undefined) throw new TypeError('There must be one.');
  const schedule = { slug: 'a', active: true, schedule: { cron: '* * * * *' }, parameters: {} };

  it('finds nothing in what the plugin makes', () => {
    expect(() => {
      checkPlan(planned, { definitions });
    }).not.toThrow();
  });

  it.each<[string, PlannedObjects, string]>([
    [
      'an entrypoint that is not there',
      { ...planned, deployments: [{ ...deployment, entrypoint: 'no.py:x' }] },
      'no.py',
    ],
    [
      'two schedules of one name',
      { ...planned, deployments: [{ ...deployment, schedules: [schedule, schedule] }] },
      'two schedules',
    ],
    [
      'a parameter that the flow does not take',
      { ...planned, deployments: [{ ...deployment, parameters: { nope: 1 } }] },
      '"nope"',
    ],
    [
      'two automations of one name',
      { ...planned, automations: [...planned.automations, ...planned.automations] },
      'Two automations',
    ],
  ])('finds %s', (_, wrong, words) => {
    expect(() => {
      checkPlan(wrong, { definitions });
    }).toThrow(words);
  });
});

describe('checkWorkPool', () => {
  const pool = recordedBody('pool-read-after-worker', workPoolSchema);
  const check =
    (config: Readonly<Record<string, unknown>>, wanted = pool) =>
    () => {
      checkWorkPool(wanted, configOf(config), plan(config, '/x'));
    };

  it('takes variables of the template, and everything when the pool has none yet', () => {
    expect(check({ job_variables: { stream_output: false } })).not.toThrow();
    expect(check({ job_variables: { anything: 1 } }, { ...pool, base_job_template: {} })).not.toThrow();
  });

  it('refuses others with the nearest name, and pools of another type', () => {
    expect(check({ job_variables: { working_dri: '/x' } })).toThrow('working_dir');
    expect(check({ work_pool_type: 'kubernetes' })).toThrow('is of type process');
  });
});

describe('addresses of pages', () => {
  it.each([
    ['http://prefect:4200/api', 'http://prefect:4200'],
    ['https://example.com/prefect/api/', 'https://example.com/prefect'],
    ['https://api.prefect.cloud/api/accounts/a1/workspaces/w1', 'https://app.prefect.cloud/account/a1/workspace/w1'],
  ])('of %s are at %s', (api, pages) => {
    expect(pagesUrl(api)).toBe(pages);
    expect(runUrl(api, 'r')).toBe(`${pages}/runs/flow-run/r`);
    expect(deploymentUrl(api, 'd')).toBe(`${pages}/deployments/deployment/d`);
  });
});

describe('prefectConfigSchema', () => {
  it('has defaults for all but the address', () => {
    expect(configOf({})).toMatchObject({ work_pool: 'floe', work_pool_type: 'process', job_variables: {} });
  });

  it.each([
    { url: 'prefect:4200' },
    { unknown_key: 1 },
    { work_pool: 'prefect-managed' },
    { work_pool: 'a/b' },
    { work_pool_type: 'ecs' },
    { delivery: { kind: 'directory' } },
    { worker_heartbeat_tolerance: 5 },
  ])('refuses %j', (config) => {
    expect(z.safeParse(prefectConfigSchema, config).success).toBe(false);
  });
});
