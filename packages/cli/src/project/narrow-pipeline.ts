import { InputError } from '@floe/core/errors/floe-error';
import { hasErrors } from '@floe/core/errors/problem';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { selectNodes } from '@floe/core/pipeline/selection/select';

export interface SelectionText {
  readonly select?: string | undefined;
  readonly exclude?: string | undefined;
}

/** Checks a selection before anything is deployed or started. @throws InputError SELECTION_INVALID, SELECTION_EMPTY */
export function requireSelection(
  pipeline: Pipeline,
  selection: SelectionText,
): { readonly assets: readonly string[]; readonly checks: readonly string[] } {
  const { select, exclude } = selection;
  const selected = selectNodes(pipeline, {
    ...(select !== undefined && { select }),
    ...(exclude !== undefined && { exclude }),
  });
  if (hasErrors(selected.problems)) throw InputError.fromProblems(selected.problems);
  return selected;
}

/** The part of a pipeline that a selection names, with the sources that it reads and the exposures that read it. */
export function narrowPipeline(pipeline: Pipeline, selection: SelectionText): Pipeline {
  if (selection.select === undefined && selection.exclude === undefined) return pipeline;
  const selected = requireSelection(pipeline, selection);
  const assetIds = new Set(selected.assets);
  const checkIds = new Set(selected.checks);
  const assets = pipeline.assets.filter((asset) => assetIds.has(asset.id));
  const read = new Set(assets.flatMap((asset) => asset.upstream));
  return {
    ...pipeline,
    assets,
    checks: pipeline.checks.filter((check) => checkIds.has(check.id)),
    sources: pipeline.sources.filter((source) => read.has(source.id)),
    exposures: pipeline.exposures.filter((exposure) => exposure.upstream.some((id) => assetIds.has(id))),
  };
}
