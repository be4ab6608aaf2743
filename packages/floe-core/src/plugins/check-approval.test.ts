import { describe, expect, it } from '@jest/globals';
import { readPlatformManifest } from '../manifest/platform-manifest.js';
import { approvalProblems, checkApproval } from './check-approval.js';

function manifest(approved: string): Parameters<typeof approvalProblems> {
  const text = `apiVersion: floe.dev/v1
kind: Manifest
metadata: { name: acme, version: 1.0.0, owner: team@acme.example }
scope: enterprise
plugins:
  compute: { type: duckdb }
  orchestrator:
    type: dagster
${approved}
`;
  const { document, problems } = readPlatformManifest(text, 'manifest.yaml');
  if (document === undefined) throw new TypeError(JSON.stringify(problems));
  return [document.value, document.locator];
}

describe('approved_plugins', () => {
  it.each([
    ['', 'nothing listed'],
    ['approved_plugins: { orchestrator: [dagster, airflow], compute: [duckdb] }', 'both listed'],
    ['approved_plugins: { orchestrator: [dagster] }', 'compute not restricted'],
    ['approved_plugins: { toString: [x] }', 'an unknown category'],
  ])('approves with %j (%s)', (approved) => {
    expect(approvalProblems(...manifest(approved))).toEqual([]);
  });

  it('refuses what is not listed, with its place', () => {
    const [value, locator] = manifest('approved_plugins: { orchestrator: [airflow, prefect], compute: [] }');
    expect(approvalProblems(value, locator)).toEqual([
      {
        code: 'PLUGIN_NOT_APPROVED',
        severity: 'error',
        message: 'The compute "duckdb" is not approved on this platform.',
        resolution: 'No compute is approved: choose another one, or have approved_plugins.compute extended.',
        location: { file: 'manifest.yaml', line: 6, column: 20, node: 'plugins.compute.type' },
      },
      {
        code: 'PLUGIN_NOT_APPROVED',
        severity: 'error',
        message: 'The orchestrator "dagster" is not approved on this platform.',
        resolution: expect.stringContaining('Approved are airflow, prefect') as unknown,
        location: { file: 'manifest.yaml', line: 8, column: 11, node: 'plugins.orchestrator.type' },
      },
    ]);
    expect(() => {
      checkApproval(value, locator);
    }).toThrow('is not approved');
  });
});
