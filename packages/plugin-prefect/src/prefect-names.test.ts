import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  artifactKey,
  assetKey,
  cursorVariable,
  deploymentName,
  flowName,
  lostRunsAutomationName,
  namePart,
  ownershipTags,
  qualifiedCheckName,
  sensorAutomationName,
  sensorFlowName,
  sensorResource,
  unescapeName,
} from './prefect-names.js';

/** Texts in which the parts of an escape are likely. */
const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc
    .array(fc.constantFrom('.', 'u', '20', '2e', '-', '_', 'a', ' ', 'é', '/', '#'), { minLength: 1 })
    .map((parts) => parts.join('')),
);
const owner = { platform: 'local', product: 'shop' };

describe('namePart', () => {
  it('leaves alone what Prefect accepts', () => {
    expect(namePart('stg_orders')).toBe('stg_orders');
    expect(namePart('dim-customers.v2')).toBe('dim-customers.v2');
  });

  it('gives names that Prefect accepts, from which the text comes back', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(namePart(value)).toMatch(/^[A-Za-z0-9_.-]+$/u);
        expect(unescapeName(namePart(value))).toBe(value);
      }),
    );
  });
});

describe('flows and deployments', () => {
  it('are named for people', () => {
    expect(flowName('hello-orders')).toBe('floe-hello-orders');
    expect(sensorFlowName('hello-orders')).toBe('floe-hello-orders.sensors');
    expect(deploymentName('acme-prod')).toBe('acme-prod');
  });

  it('have none of the characters that Prefect refuses', () => {
    fc.assert(
      fc.property(text, (value) => {
        for (const name of [flowName(value), deploymentName(value)]) expect(name).toMatch(/^[^/%&<>]+$/u);
      }),
    );
  });
});

describe('assetKey', () => {
  it('is an address below the platform', () => {
    expect(assetKey('local', ['shop', 'orders.v2'])).toBe('floe://local/shop/orders.v2');
    expect(qualifiedCheckName('floe://local/shop/orders', 'unique id')).toBe('floe://local/shop/orders#unique.u20.id');
  });

  it('is an address that Prefect accepts, another one for another key', () => {
    const key = fc.array(text, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(key, key, (one, other) => {
        const [first, second] = [assetKey('p', one), assetKey('p', other)];
        expect(first).toMatch(/^floe:\/\/[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)+$/u);
        expect(first === second).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

describe('artifacts and variables', () => {
  it('have keys and names that Prefect accepts', () => {
    expect(artifactKey('hello-orders', 'record')).toBe('floe-hello-orders-record');
    fc.assert(
      fc.property(text, text, (product, sensor) => {
        expect(artifactKey(product, 'results')).toMatch(/^[a-z0-9-]+$/u);
        const variable = cursorVariable({ platform: 'local', product }, sensor);
        expect(variable).toMatch(/^[a-z0-9_-]{1,255}$/u);
      }),
    );
  });

  it('keep the cursors of sensors apart, also of those that look alike', () => {
    expect(cursorVariable(owner, 'on file')).not.toBe(cursorVariable(owner, 'on_file'));
    expect(cursorVariable(owner, 'on_file')).not.toBe(cursorVariable({ ...owner, platform: 'prod' }, 'on_file'));
    expect(cursorVariable(owner, 'on_file')).toMatch(/^floe_local_shop_on_file_[0-9a-f]{8}$/u);
  });
});

describe('sensors', () => {
  it('have events and automations of their own', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(sensorResource(owner, one) === sensorResource(owner, other)).toBe(one === other);
        // A star would match the events of other sensors, too.
        expect(sensorResource(owner, one)).not.toContain('*');
        expect(sensorAutomationName(owner, one)).not.toBe(lostRunsAutomationName(owner));
      }),
    );
  });
});

describe('ownershipTags', () => {
  it('name platform and product', () => {
    expect(ownershipTags(owner)).toEqual(['floe', 'floe:platform=local', 'floe:product=shop']);
  });
});
