import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  checkIdentifier,
  checkName,
  groupName,
  inputIdentifier,
  isReservedName,
  keyPart,
  outputIdentifier,
  poolName,
  symbolName,
  unescapeName,
} from './dagster-names.js';

/** Texts in which the parts of an escape are likely. */
const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc
    .array(fc.constantFrom('.', 'u', '20', '2e', '-', '_', 'a', ' ', 'é'), { minLength: 1 })
    .map((parts) => parts.join('')),
);

describe('keyPart', () => {
  it('leaves alone what Dagster accepts', () => {
    expect(keyPart('stg_orders')).toBe('stg_orders');
    expect(keyPart('dim-customers.v2')).toBe('dim-customers.v2');
  });

  it('gives names that Dagster accepts, from which the text comes back', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(keyPart(value)).toMatch(/^[A-Za-z0-9_.-]+$/u);
        expect(unescapeName(keyPart(value))).toBe(value);
      }),
    );
  });
});

describe('checkName', () => {
  it('has no dash, which Dagster refuses in the name of a check, and is injective', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(checkName(value)).toMatch(/^[A-Za-z0-9_.]+$/u);
        expect(unescapeName(checkName(value))).toBe(value);
      }),
    );
  });
});

describe('symbolName', () => {
  it('is readable', () => {
    expect(symbolName('hello-orders', 'job')).toBe('hello_orders_job');
    expect(symbolName('täglich', 'schedule')).toBe('tue4glich_schedule');
  });

  it('is always a name that Dagster accepts, and never a word that it keeps', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('job', 'schedule', 'sensor', 'dbt'), (value, kind) => {
        expect(symbolName(value, kind)).toMatch(/^[A-Za-z0-9_]+$/u);
        expect(isReservedName(symbolName(value, kind))).toBe(false);
      }),
    );
  });

  it('keeps the kinds apart', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(symbolName(one, 'job')).not.toBe(symbolName(other, 'schedule'));
        expect(symbolName(one, 'schedule')).not.toBe(symbolName(other, 'sensor'));
      }),
    );
  });
});

describe('other names', () => {
  it('groups are segments of letters, digits and underscores; pools have no blanks', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(groupName(value)).toMatch(/^[A-Za-z0-9_]+$/u);
        expect(poolName(value)).toMatch(/^\S+$/u);
      }),
    );
  });

  it.each(['type', 'class', 'context', 'None', 'output'])('knows that %s is reserved', (word) => {
    expect(isReservedName(word)).toBe(true);
  });

  it('makes the identifiers that Dagster makes', () => {
    expect(outputIdentifier(['hello-orders', 'stg_orders'])).toBe('hello_orders__stg_orders');
    expect(outputIdentifier(['shop', 'dim.v2'])).toBe('shop__dim_v2');
    expect(inputIdentifier(['shop', 'raw', 'web_orders'])).toBe('shop_raw_web_orders');
    expect(checkIdentifier(['shop', 'a'], 'b.c')).toBe('shop__a_b_c');
  });
});
