import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkBundle, type BundleCheck } from './airflow-bundle-check.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-bundle-check-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Checks with a program in the place of Python. */
async function checkedBy(script: string, timeoutMs = 20_000): Promise<BundleCheck> {
  const python = join(folder, 'python');
  await writeFile(python, `#!/bin/sh\n${script}\n`);
  await chmod(python, 0o755);
  return checkBundle(folder, python, ['shop', 'shop.schedule.daily'], {
    signal: new AbortController().signal,
    timeoutMs,
  });
}

function says(errors: Readonly<Record<string, string>>, dags: readonly string[]): string {
  const document = { version: '3.3.2', errors, dags: Object.fromEntries(dags.map((dagId) => [dagId, ['build']])) };
  return `cat <<'END'\n${JSON.stringify(document)}\nEND`;
}

const trace =
  'Traceback (most recent call last):\n  File "/b/floe_airflow/product_dags.py", line 31, in product_dags\nValueError: no such zone';

describe('checkBundle', () => {
  it('passes a bundle that gives every DAG', async () => {
    const dags = ['shop', 'shop.schedule.daily', 'floe_sentinel'];
    expect(await checkedBy(says({}, dags))).toEqual({ kind: 'passed', version: '3.3.2' });
  });

  it.each([
    ['that cannot be imported', says({ '/b/floe_dag.py': trace }, []), /no such zone.*product_dags\.py:31/u],
    ['without a DAG that is planned', says({}, ['shop']), /no DAG shop\.schedule\.daily/u],
  ])('refuses a bundle %s, and says why', async (_name, script, message) => {
    const check = await checkedBy(script);
    expect(check).toMatchObject({ kind: 'refused', fault: { code: 'DEPLOYMENT_NOT_LOADED' } });
    expect(check.kind === 'refused' && check.fault.message).toMatch(message);
  });

  it.each([
    ['fails', 'echo "No module named airflow" >&2; exit 1', /No module named airflow \(status 1\)/u],
    ['says something else', 'echo hello', /not understood/u],
    ['is killed', 'kill -9 $$', /SIGKILL/u],
    ['hangs', 'sleep 60', /did not end in time/u],
  ])('tells when Airflow %s', async (_name, script, reason) => {
    const check = await checkedBy(script, 1_000);
    expect(check.kind === 'unanswered' && check.reason).toMatch(reason);
  });

  it('tells when there is no such Python', async () => {
    const check = await checkBundle(folder, join(folder, 'none'), [], {
      signal: new AbortController().signal,
      timeoutMs: 1_000,
    });
    expect(check.kind).toBe('unanswered');
  });
});
