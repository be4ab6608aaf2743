import { describe, expect, it } from '@jest/globals';
import { placeholderEnvironment } from './placeholder-environment.js';

function placeholders(output: Record<string, unknown>, environment: Record<string, string> = {}) {
  return placeholderEnvironment({ shop: { target: 'dev', outputs: { dev: output } } }, environment);
}

describe('placeholderEnvironment', () => {
  it('stands in for what only a connection needs', () => {
    const output = {
      host: "{{ env_var('H') }}",
      port: "{{ env_var('P') | as_number }}",
      options: { token: '{{env_var("T")}}' },
    };
    expect(placeholders(output)).toEqual({ H: 'not-set-while-parsing', P: '1', T: 'not-set-while-parsing' });
  });

  it('leaves variables that are set, and those that shape names', () => {
    expect(
      placeholders(
        { host: "{{ env_var('H') }}", schema: "{{ env_var('S') }}", dbname: "{{ env_var('D') }}" },
        { H: 'db' },
      ),
    ).toEqual({});
  });
});
