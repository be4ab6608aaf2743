import { describe, expect, it } from '@jest/globals';
import { withoutStackTrace } from './stack-trace.js';

describe('withoutStackTrace', () => {
  it('keeps what happened and drops where in whose code', () => {
    const text = [
      'Run failed',
      'Traceback (most recent call last):',
      '  File "/opt/dagster/execute.py", line 54, in execute',
      '    yield from step()',
      '    ~~~~~~~~~~~^^^^^^',
      "ValueError: table 'orders' is missing",
    ].join('\n');
    expect(withoutStackTrace(text)).toBe("Run failed\nValueError: table 'orders' is missing");
  });

  it('drops frames of JavaScript', () => {
    const text = 'TypeError: x is not a function\n    at run (file:///srv/driver.js:10:5)\n    at /srv/main.js:3:1';
    expect(withoutStackTrace(text)).toBe('TypeError: x is not a function');
  });

  it.each([
    'Database Error in model a (models/a.sql)\n  Catalog Error: Table b does not exist!\n  LINE 3: select * from b\n          ^\n  compiled code at target/run/a.sql',
    'select at (10:5) from t\n    at noon',
    '',
  ])('leaves a message of dbt as it is: %j', (text) => {
    expect(withoutStackTrace(text)).toBe(text);
  });
});
