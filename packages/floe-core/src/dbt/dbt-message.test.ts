import { describe, expect, it } from '@jest/globals';
import { dbtMessage } from './dbt-message.js';

describe('dbtMessage', () => {
  it('keeps what dbt says about a broken model', () => {
    const output = `\u001b[0m09:00:00  Running with dbt=1.11.16
09:00:01  Registered adapter: duckdb=1.11.1
09:00:01  Encountered an error:
Compilation Error
  Model 'model.shop.orders' (models/orders.sql) depends on a node named 'nope' which was not found
`;
    expect(dbtMessage(output)).toBe(
      "Compilation Error\n  Model 'model.shop.orders' (models/orders.sql) depends on a node named 'nope' which was not found",
    );
  });

  it('drops stack traces', () => {
    const output = `09:00:01  Encountered an error:
boom
09:00:01  Traceback (most recent call last):
  File "/opt/dbt/cli/main.py", line 1, in wrapper
    return func()

KeyError: 'x'
`;
    const message = dbtMessage(output);
    expect(message).toBe("boom\nKeyError: 'x'");
    expect(message).not.toContain('/opt/dbt');
  });

  it('drops the list of deprecations after the message', () => {
    expect(dbtMessage('Compilation Error\n  twice\nSummary of encountered deprecations:\n- X: 1 occurrence\n')).toBe(
      'Compilation Error\n  twice',
    );
  });

  it('is short', () => {
    expect(dbtMessage(`Runtime Error ${'x'.repeat(5000)}`).length).toBeLessThan(2100);
    expect(dbtMessage('')).toBe('');
  });
});
