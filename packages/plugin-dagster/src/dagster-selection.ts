import type { RunRequest } from '@floe/core/execution/run-request';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { NameTable } from './dagster-name-table.js';
import { assetName, qualifiedCheckName } from './dagster-names.js';
import type { AssetCheckHandleInput, AssetKeyInput } from './generated/graphql.js';

/** Assets and checks that Dagster shall run; without them it runs the whole job. */
export interface NativeSelection {
  readonly assetSelection: AssetKeyInput[];
  readonly assetCheckSelection: AssetCheckHandleInput[];
}

/** What a request means at Dagster; undefined is the whole product. */
export function toNativeSelection(
  request: Pick<RunRequest, 'ids' | 'checks'>,
  pipeline: Pipeline,
  names: NameTable,
): NativeSelection | undefined {
  if (request.ids === null && request.checks) return undefined;
  const wanted = request.ids === null ? undefined : new Set(request.ids);
  const isWanted = ({ id }: { readonly id: string }): boolean => wanted?.has(id) ?? true;
  const assets = pipeline.assets.filter(isWanted);
  const checks = request.checks ? pipeline.checks.filter(isWanted) : [];
  if (assets.length === pipeline.assets.length && checks.length === pipeline.checks.length) return undefined;
  return {
    assetSelection: assets.map(({ id, key }) => ({ path: [...(names.keys.get(id) ?? key)] })),
    assetCheckSelection: checks.flatMap(({ id }) => {
      const native = names.checks.get(id);
      return native === undefined ? [] : [{ assetKey: { path: [...native.assetKey] }, name: native.name }];
    }),
  };
}

interface RunSelection {
  readonly assetSelection: readonly { readonly path: readonly string[] }[] | null;
  readonly assetCheckSelection:
    readonly { readonly name: string; readonly assetKey: { readonly path: readonly string[] } }[] | null;
}

/** The ids that a run was to do. Dagster runs the checks of the selected assets when no checks are named. */
export function plannedIds(run: RunSelection, pipeline: Pipeline, names: NameTable): string[] {
  const { assetSelection, assetCheckSelection } = run;
  if (assetSelection === null && assetCheckSelection === null) {
    return [...pipeline.assets, ...pipeline.checks].map(({ id }) => id);
  }
  const assets = new Set((assetSelection ?? []).map(({ path }) => assetName(path)));
  const checks =
    assetCheckSelection === null
      ? undefined
      : new Set(assetCheckSelection.map(({ assetKey, name }) => qualifiedCheckName(assetKey.path, name)));
  return [
    ...pipeline.assets.filter(({ id, key }) => assets.has(assetName(names.keys.get(id) ?? key))),
    ...pipeline.checks.filter(({ id }) => {
      const native = names.checks.get(id);
      if (native === undefined) return false;
      return checks?.has(qualifiedCheckName(native.assetKey, native.name)) ?? assets.has(assetName(native.assetKey));
    }),
  ].map(({ id }) => id);
}
