import type { DefinitionEntry, DefinitionFile, Definitions } from '@floe/core/plugin-interfaces';
import { InputError } from '@floe/core/errors/floe-error';
import type { Problem } from '@floe/core/errors/problem';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { buildAssetData, type AssetData } from './dagster-asset-data.js';
import { imageFiles } from './dagster-image-files.js';
import { buildNameTable, type NameTable } from './dagster-name-table.js';
import { assetName, qualifiedCheckName } from './dagster-names.js';
import { runTags } from './dagster-run-tags.js';
import { isTagKey, tagKey } from './dagster-tags.js';
import { buildTriggerData } from './dagster-triggers.js';

/**
 * Dagster definitions of a product: the constant loader, and dagster.json with all that it shows. Pure.
 * @throws InputError naming the file of each node whose name Dagster would refuse or confuse
 */
export function buildDefinitions(pipeline: Pipeline, loaderFiles: readonly DefinitionFile[]): Definitions {
  const names = buildNameTable(pipeline);
  if (names.problems.length > 0) throw InputError.fromProblems(names.problems);
  const assetData = buildAssetData(pipeline, names);
  const triggers = buildTriggerData(pipeline, names);
  const document = {
    schema: 1,
    product: pipeline.product.name,
    op: names.op,
    pool: names.pool,
    run_tags: runTags(pipeline.execution),
    on_busy: pipeline.execution.onBusy,
    ...assetData,
    ...triggers,
  };
  return {
    assets: pipeline.assets.map(({ id }) => ({ id, nativeName: assetName(names.keys.get(id) ?? []) })),
    checks: pipeline.checks.map(({ id }) => ({ id, nativeName: nativeCheckName(names, id) })),
    jobs: entries(pipeline.jobs, names.jobs),
    schedules: entries(pipeline.schedules, names.schedules),
    sensors: entries(pipeline.sensors, names.sensors),
    edges: edgesOf(assetData),
    files: [
      ...loaderFiles,
      { path: 'dagster.json', content: `${JSON.stringify(document)}\n` },
      ...imageFiles(pipeline.dbt.adapter),
    ],
    warnings: tagWarnings(pipeline),
  };
}

function nativeCheckName(names: NameTable, id: string): string {
  const check = names.checks.get(id);
  return check === undefined ? id : qualifiedCheckName(check.assetKey, check.name);
}

function entries(items: readonly { readonly name: string }[], names: ReadonlyMap<string, string>): DefinitionEntry[] {
  return items.map(({ name }) => ({ id: name, nativeName: names.get(name) ?? name }));
}

function edgesOf({ assets, externals }: AssetData): (readonly [string, string])[] {
  const nodes = [...assets, ...externals];
  return nodes.flatMap((node) =>
    (node.deps ?? []).flatMap((index) => {
      const upstream = nodes[index];
      return upstream === undefined ? [] : [[assetName(upstream.key), assetName(node.key)] as const];
    }),
  );
}

/** Tags of dbt that Dagster shows under another text. */
function tagWarnings(pipeline: Pipeline): Problem[] {
  const owners = new Map<string, { file: string; id: string }>();
  for (const node of [...pipeline.assets, ...pipeline.sources]) {
    for (const tag of node.tags)
      if (!isTagKey(tag) && !owners.has(tag)) owners.set(tag, { file: node.file, id: node.id });
  }
  return [...owners].map(([tag, { file, id }]) => ({
    code: 'NAME_NOT_ALLOWED',
    severity: 'warning',
    message: `Dagster cannot show the tag "${tag}"; it shows "${tagKey(tag)}".`,
    resolution:
      'Nothing is lost for dbt; use letters, digits, dots, dashes and underscores to see the same text in both.',
    location: { file, node: id },
  }));
}
