import { readFileSync } from 'node:fs';
import { formatLocation } from '../../src/errors/problem.js';
import { readPlatformManifest } from '../../src/manifest/platform-manifest.js';
import { readProductSpec } from '../../src/manifest/product-spec.js';
import { compile, type Compilation } from '../../src/compile/compile.js';
import { readDbtManifest } from '../../src/compile/dbt-manifest.js';
import { resolveSettings } from '../../src/compile/settings.js';

export const dbtManifestText = readFileSync(
  new URL('../../src/compile/__fixtures__/bakery-manifest.json', import.meta.url),
  'utf8',
);
const specHead = `apiVersion: floe.dev/v1
kind: FloeSpec
metadata: {name: bakery, version: 1.0.0}
`;
export const manifestHead = `apiVersion: floe.dev/v1
kind: Manifest
metadata: {name: acme, version: 1.0.0, owner: platform}
plugins:
  orchestrator: {type: dagster}
  compute: {type: duckdb}
`;

export interface Input {
  readonly spec?: string;
  readonly manifest?: string;
  readonly dbt?: string;
  readonly project?: string;
}

export function compileText({
  spec = '',
  manifest = '',
  dbt = dbtManifestText,
  project = 'bakery',
}: Input): Compilation {
  const specText = specHead + spec;
  const manifestText = manifest.startsWith('apiVersion') ? manifest : manifestHead + manifest;
  const specReading = readProductSpec(specText, 'floe.yaml');
  const manifestReading = readPlatformManifest(manifestText, 'manifest.yaml');
  const dbtReading = readDbtManifest(dbt, 'target/manifest.json');
  if (
    specReading.document === undefined ||
    manifestReading.document === undefined ||
    dbtReading.manifest === undefined
  ) {
    return { problems: [...specReading.problems, ...manifestReading.problems, ...dbtReading.problems] };
  }
  return compile({
    spec: specReading.document,
    manifest: manifestReading.document,
    specText,
    manifestText,
    dbtProject: { name: project, profile: 'bakery' },
    resolved: resolveSettings(specReading.document, manifestReading.document, 'bakery'),
    dbtManifest: dbtReading.manifest,
    dbtManifestFile: 'target/manifest.json',
    compiledAt: '2026-01-01T00:00:00Z',
    floeVersion: '0.1.0',
  });
}

export function orchestrationOf(input: Input) {
  const { artifacts, problems } = compileText(input);
  if (!artifacts?.orchestration) throw new Error(JSON.stringify(problems));
  return artifacts.orchestration;
}

export function findings(input: Input): string[] {
  return compileText(input).problems.map(
    (problem) => `${problem.severity} ${problem.code} ${formatLocation(problem.location ?? {})}`,
  );
}

export function nodeOf(input: Input, id: string) {
  const node = orchestrationOf(input).nodes.find((entry) => entry.unique_id === id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return node;
}
