import { describe, expect, it } from '@jest/globals';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { registerEnvironmentSecrets, registerProfileSecrets } from './environment-secrets.js';

describe('registerEnvironmentSecrets', () => {
  it.each(['DAGSTER_TOKEN', 'PGPASSWORD', 'DB_PASS', 'AWS_SECRET_ACCESS_KEY', 'api_key', 'GCP_CREDENTIALS'])(
    'hides the value of %s',
    (name) => {
      const redactor = createRedactor();
      registerEnvironmentSecrets({ [name]: 'canary-1234' }, redactor);
      expect(redactor.redactText('it is canary-1234!')).toBe('it is ***!');
    },
  );

  it('leaves harmless variables, paths and short values alone', () => {
    const redactor = createRedactor();
    const variables = { PWD: '/work/shop', COMPASS: 'northwards', TOKEN_FILE: '/run/secrets/token', SECRET_MODE: 'on' };
    registerEnvironmentSecrets(variables, redactor);
    const text = 'in /work/shop northwards /run/secrets/token on';
    expect(redactor.redactText(text)).toBe(text);
  });
});

describe('registerProfileSecrets', () => {
  it('hides what the generated dbt profile reads from the environment', () => {
    const redactor = createRedactor();
    const profiles = {
      shop: { outputs: { dev: { password: "{{ env_var('WAREHOUSE') }}", path: "{{ env_var('FLOE_DATA_DIR') }}/x" } } },
    };
    registerProfileSecrets(profiles, { WAREHOUSE: 'canary-5678', FLOE_DATA_DIR: '/data' }, redactor);
    expect(redactor.redactText('canary-5678 in /data')).toBe('*** in /data');
  });
});
