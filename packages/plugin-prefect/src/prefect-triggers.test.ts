import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts } from '@floe/core/testing/example-artifacts';
import { buildAutomations, buildPolledSensors, heartbeatSeconds } from './prefect-triggers.js';

const pipeline = requirePipeline(
  exampleArtifacts({
    nodes: [{ unique_id: 'model.shop.a' }],
    sensors: [
      { name: 'after_crm', type: 'product_succeeded', product: 'crm' },
      { name: 'on_customers', type: 'asset_updated', asset: 'crm/customers', enabled: false, select: 'a' },
      { name: 'on_file', type: 'file_changed', path: 'in.csv' },
      { name: 'on_page', type: 'http_ready', url: 'https://example.com/ready' },
    ],
  }),
);
const { platform } = pipeline.product;
const automations = buildAutomations(pipeline);

function automation(name: string): (typeof automations)[number] | undefined {
  return automations.find((entry) => entry.name.endsWith(`:${name}`));
}

describe('buildAutomations', () => {
  it('gives each sensor one that runs the product with the job of the sensor', () => {
    expect(automations).toHaveLength(5);
    expect(automation('on_customers')).toMatchObject({
      name: `floe:${platform}:shop:sensor:on_customers`,
      enabled: false,
      tags: ['floe', `floe:platform=${platform}`, 'floe:product=shop'],
      actions: [
        {
          type: 'run-deployment',
          source: 'selected',
          deployment_id: '{deployment:product}',
          parameters: { job: 'on_customers', trigger: 'sensor:on_customers' },
        },
      ],
    });
  });

  it('matches another product by its names, so that it may come later', () => {
    expect(automation('after_crm')?.trigger).toMatchObject({
      posture: 'Reactive',
      expect: ['prefect.flow-run.Completed'],
      match_related: [
        { 'prefect.resource.role': 'flow', 'prefect.resource.name': 'floe-crm' },
        { 'prefect.resource.role': 'deployment', 'prefect.resource.name': platform },
      ],
    });
  });

  it('matches an asset by its key', () => {
    expect(automation('on_customers')?.trigger).toMatchObject({
      expect: ['prefect.asset.materialization.succeeded'],
      match: { 'prefect.resource.id': `floe://${platform}/crm/customers` },
    });
  });

  it('matches the event that the sensor flow sends', () => {
    const polled = buildPolledSensors(pipeline);
    expect(polled.map(({ name }) => name)).toEqual(['on_file', 'on_page']);
    for (const { name, resource } of polled) {
      expect(automation(name)?.trigger).toMatchObject({
        expect: ['floe.sensor.fired'],
        match: { 'prefect.resource.id': resource },
      });
    }
    expect(polled[0]).toMatchObject({ path: 'in.csv' });
    expect(polled[1]).toMatchObject({ url: 'https://example.com/ready' });
  });

  it('ends runs that give no sign of life, but no others', () => {
    const lost = automation('lost-runs');
    expect(lost?.trigger).toMatchObject({
      posture: 'Proactive',
      after: ['prefect.flow-run.heartbeat'],
      match_related: { 'prefect.resource.id': 'prefect.deployment.{deployment:product}' },
      for_each: ['prefect.resource.id'],
      within: 3 * heartbeatSeconds,
    });
    expect(lost?.trigger.expect).toEqual(
      expect.arrayContaining(['prefect.flow-run.heartbeat', 'prefect.flow-run.TimedOut', 'prefect.flow-run.Cancelled']),
    );
    expect(lost?.actions).toEqual([expect.objectContaining({ type: 'change-flow-run-state', state: 'CRASHED' })]);
  });
});
