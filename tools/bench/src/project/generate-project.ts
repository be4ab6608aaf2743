/** A dbt project as text; equal sizes give equal files. */
export interface GeneratedProject {
  /** Name of the dbt project. */
  readonly name: string;
  readonly models: number;
  readonly tests: number;
  /** Relative paths with forward slashes. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** What profiles, floe.yaml and bare dbt agree on. */
export const projectName = 'bench';
export const productName = 'bench';
export const threads = 4;
const layers = 5;
const modelsPerFile = 100;
const rowsPerModel = 100;

/**
 * A project of `models` models in five layers with one test each: tables and views in turn, a first layer without
 * parents, and one to three parents in the layer before for all others. The SQL costs next to nothing, so that what is
 * measured is the work around it.
 */
export function generateProject(models: number): GeneratedProject {
  const width = Math.ceil(models / layers);
  const files = [
    { path: 'dbt_project.yml', content: dbtProject },
    { path: 'floe.yaml', content: floeSpec },
    { path: 'manifest.yaml', content: platformManifest },
  ];
  for (let index = 0; index < models; index += 1) {
    files.push({ path: `models/${folderOf(index, width)}/${modelName(index)}.sql`, content: modelSql(index, width) });
  }
  for (let layer = 0; layer * width < models; layer += 1) {
    const indexes = Array.from({ length: Math.min(width, models - layer * width) }, (_, at) => layer * width + at);
    for (let from = 0; from < indexes.length; from += modelsPerFile) {
      files.push({
        path: `models/layer_${layer}/properties_${from / modelsPerFile}.yml`,
        content: properties(indexes.slice(from, from + modelsPerFile), layer),
      });
    }
  }
  return { name: projectName, models, tests: models, files };
}

/** The same project as a product of another name, so that one orchestrator can have it twice. */
export function withProductName(project: GeneratedProject, name: string): GeneratedProject {
  const files = project.files.map((file) =>
    file.path === 'floe.yaml'
      ? { ...file, content: file.content.replace(`  name: ${productName}\n`, `  name: ${name}\n`) }
      : file,
  );
  return { ...project, files };
}

/** Names of the parents of a model. */
export function parentsOf(index: number, width: number): readonly number[] {
  const layer = Math.floor(index / width);
  if (layer === 0) return [];
  const first = (layer - 1) * width;
  const place = index - layer * width;
  const count = 1 + (index % 3);
  const places = Array.from({ length: count }, (_, step) => (place + step * 7) % width);
  return [...new Set(places)].map((at) => first + at);
}

function modelName(index: number): string {
  return `model_${String(index).padStart(5, '0')}`;
}

function folderOf(index: number, width: number): string {
  return `layer_${Math.floor(index / width)}`;
}

function modelSql(index: number, width: number): string {
  const parents = parentsOf(index, width).map(modelName);
  const materialized = index % 2 === 0 ? 'table' : 'view';
  const config = `{{ config(materialized='${materialized}') }}\n`;
  if (parents.length === 0)
    return `${config}select range as id, range * ${index + 1} as amount from range(${rowsPerModel})\n`;
  const selects = parents.map((name) => `select id, amount from {{ ref('${name}') }}`);
  return `${config}select id, sum(amount) as amount\nfrom (\n  ${selects.join('\n  union all\n  ')}\n)\ngroup by id\n`;
}

function properties(indexes: readonly number[], layer: number): string {
  const entries = indexes.map(
    (index) => `  - name: ${modelName(index)}
    description: Amounts by id, number ${index} of layer ${layer}.
    config:
      tags: [layer_${layer}]
    columns:
      - name: id
        description: Key.
        data_type: bigint
        data_tests: [${index % 2 === 0 ? 'not_null' : 'unique'}]
      - name: amount
        description: Sum over the parents.
        data_type: bigint
`,
  );
  return `version: 2\nmodels:\n${entries.join('')}`;
}

const dbtProject = `name: ${projectName}
version: 1.0.0
config-version: 2
profile: ${projectName}
model-paths: [models]
`;

const floeSpec = `apiVersion: floe.dev/v1
kind: FloeSpec
metadata:
  name: ${productName}
  version: 1.0.0
  description: A generated product.
  owner: team:bench
platform:
  manifest: manifest.yaml
`;

const platformManifest = `apiVersion: floe.dev/v1
kind: Manifest
metadata:
  name: bench
  version: 1.0.0
  owner: team:bench
environment: dev
plugins:
  orchestrator:
    type: dagster
  compute:
    type: duckdb
    config:
      path: bench.duckdb
execution:
  defaults:
    threads: ${threads}
`;

/** profiles.yml for dbt without floe: the same settings as floe generates. */
export function bareProfiles(databaseFile: string): string {
  const output = { type: 'duckdb', path: databaseFile, threads };
  return `${JSON.stringify({ [projectName]: { target: 'dev', outputs: { dev: output } } })}\n`;
}
