import type { Problem } from '@floe/core/errors/problem';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { assetKey, assetKeyLimit, qualifiedCheckName } from './prefect-names.js';

/** Every name of a product at Prefect, by dbt unique_id. */
export interface NameTable {
  /** Keys of assets, sources and exposures. */
  readonly keys: ReadonlyMap<string, string>;
  readonly checks: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** Something that has a key. */
interface Owner {
  readonly id: string;
  readonly file: string;
}

/** Names everything of a pipeline and finds what Prefect would refuse or confuse. */
export function buildNameTable(pipeline: Pipeline): NameTable {
  const { platform, name } = pipeline.product;
  const keys = new Map<string, string>();
  for (const asset of pipeline.assets) keys.set(asset.id, assetKey(platform, asset.keyOverrides.prefect ?? asset.key));
  for (const source of pipeline.sources) keys.set(source.id, assetKey(platform, source.key));
  for (const exposure of pipeline.exposures) keys.set(exposure.id, assetKey(platform, exposure.key));
  const productKey = assetKey(platform, [name]);
  const checks = new Map(
    pipeline.checks.map((check): [string, string] => [
      check.id,
      qualifiedCheckName((check.primary === null ? undefined : keys.get(check.primary)) ?? productKey, check.name),
    ]),
  );
  const own = [...pipeline.assets, ...pipeline.sources.filter(({ producer }) => producer === null)];
  const problems = [
    ...collisions(pipeline.checks, checks),
    ...own.flatMap((owner) => tooLong(owner, keys.get(owner.id) ?? '')),
  ];
  return { keys, checks, problems };
}

/** Keys of assets are different, which the pipeline has made sure of; checks of one asset may have one name. */
function collisions(owners: readonly Owner[], names: ReadonlyMap<string, string>): Problem[] {
  const problems: Problem[] = [];
  const byName = new Map<string, Owner>();
  for (const owner of owners) {
    const name = names.get(owner.id) ?? owner.id;
    const other = byName.get(name);
    if (other === undefined) byName.set(name, owner);
    else {
      problems.push({
        code: 'NAME_COLLISION',
        severity: 'error',
        message: `${owner.id} and ${other.id} would both be named "${name}" at Prefect.`,
        resolution: `Rename one of them (${owner.file} or ${other.file}).`,
        location: { file: owner.file, node: owner.id },
      });
    }
  }
  return problems;
}

function tooLong(owner: Owner, key: string): Problem[] {
  if (key.length <= assetKeyLimit) return [];
  return [
    {
      code: 'NAME_NOT_ALLOWED',
      severity: 'error',
      message: `The key of ${owner.id} at Prefect would have ${key.length} characters; Prefect takes ${assetKeyLimit}.`,
      resolution: 'Give it a shorter key with meta.prefect.asset_key, or rename it.',
      location: { file: owner.file, node: owner.id },
    },
  ];
}
