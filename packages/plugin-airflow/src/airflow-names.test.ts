import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  assetKey,
  assetName,
  assetUri,
  bundleHashOfTags,
  dagIdOf,
  isReservedAssetName,
  keyOfRunId,
  productTag,
  runIdOf,
  scheduleDagId,
  sensorDagId,
} from './airflow-names.js';

/** Texts in which the parts of an escape are likely. */
const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc
    .array(fc.constantFrom('.', '/', '%', '2F', '%2F', '-', '_', 'a', ' ', 'é', "'"), { minLength: 1 })
    .map((parts) => parts.join('')),
);
const key = fc.array(text, { minLength: 1, maxLength: 4 });
const productName = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,20}$/u);
const requestKey = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/u);

describe('assetName', () => {
  it('leaves alone what dbt usually has', () => {
    expect(assetName(['hello-orders', 'stg_orders'])).toBe('hello-orders/stg_orders');
    expect(assetName(['shop', 'dim_customers.v2'])).toBe('shop/dim_customers.v2');
  });

  it('gives the key back, so that no two keys have one name', () => {
    fc.assert(
      fc.property(key, (parts) => {
        expect(assetName(parts)).toMatch(/^[A-Za-z0-9_.~%/-]+$/u);
        expect(assetKey(assetName(parts))).toEqual(parts);
      }),
    );
  });

  it('takes half a character for what stands for the unreadable', () => {
    expect(assetName(['\uD800'])).toBe('%EF%BF%BD');
  });
});

describe('assetUri', () => {
  it('is an address without user and password, one for each name', () => {
    fc.assert(
      fc.property(key, (parts) => {
        const uri = assetUri(assetName(parts));
        expect(uri.startsWith('x-floe://')).toBe(true);
        expect(uri).not.toContain('@');
        expect(uri.slice('x-floe://'.length)).toBe(assetName(parts));
      }),
    );
  });
});

describe('isReservedAssetName', () => {
  it('knows the words that Airflow refuses', () => {
    expect(['self', 'context', 'shop'].map(isReservedAssetName)).toEqual([true, true, false]);
  });
});

describe('ids of DAGs', () => {
  it('are legal, and different for the product, its schedules and its sensors', () => {
    fc.assert(
      fc.property(productName, productName, text, (product, other, trigger) => {
        const ids = [
          dagIdOf(product),
          scheduleDagId(product, trigger),
          sensorDagId(product, trigger),
          ...(other === product ? [] : [dagIdOf(other), scheduleDagId(other, trigger), sensorDagId(other, trigger)]),
        ];
        for (const id of ids) expect(id).toMatch(/^[\w.-]+$/u);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});

describe('scheduleDagId', () => {
  it('keeps schedules apart', () => {
    expect(scheduleDagId('shop', 'nightly_all')).toBe('shop.schedule.nightly_all');
    expect(scheduleDagId('shop', 'täglich um 6')).toBe('shop.schedule.t.ue4.glich.u20.um.u20.6');
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(scheduleDagId('shop', one) === scheduleDagId('shop', other)).toBe(one === other);
      }),
    );
  });
});

describe('runIdOf', () => {
  it('is an id that Airflow takes, from which the key comes back', () => {
    fc.assert(
      fc.property(requestKey, (value) => {
        expect(runIdOf(value)).toMatch(/^[A-Za-z0-9_.~:+-]+$/u);
        expect(keyOfRunId(runIdOf(value))).toBe(value);
      }),
    );
  });
});

describe('keyOfRunId', () => {
  it("writes Airflow's own ids in the letters of a key", () => {
    expect(keyOfRunId('manual__2026-11-25T13:00:00+00:00')).toBe('manual__2026-11-25T13-00-00-00-00');
    expect(keyOfRunId('x'.repeat(200))).toHaveLength(128);
  });
});

describe('bundleHashOfTags', () => {
  it('finds the bundle among the tags', () => {
    expect(bundleHashOfTags(['floe', `floe-bundle:${'ab'.repeat(32)}`])).toBe(`sha256:${'ab'.repeat(32)}`);
    expect(bundleHashOfTags(['floe', productTag('shop')])).toBeUndefined();
  });
});
