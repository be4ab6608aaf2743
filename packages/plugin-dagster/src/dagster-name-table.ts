import type { Problem } from '@floe/core/errors/problem';
import type { Asset, Check, Pipeline, SourceAsset } from '@floe/core/pipeline/pipeline';
import {
  assetName,
  checkIdentifier,
  checkName,
  inputIdentifier,
  isReservedName,
  keyPart,
  outputIdentifier,
  poolName,
  qualifiedCheckName,
  symbolName,
} from './dagster-names.js';

/** A check at Dagster. */
export interface NativeCheck {
  readonly assetKey: readonly string[];
  readonly name: string;
}

/** Every name of a product at Dagster, by dbt unique_id or by the name in the pipeline. */
export interface NameTable {
  readonly op: string;
  readonly pool: string;
  /** The product itself, to which checks without parents belong. */
  readonly productKey: readonly string[];
  /** Keys of assets, sources and exposures. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly checks: ReadonlyMap<string, NativeCheck>;
  readonly jobs: ReadonlyMap<string, string>;
  readonly schedules: ReadonlyMap<string, string>;
  readonly sensors: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** Names everything of a pipeline and finds what Dagster would refuse or confuse. */
export function buildNameTable(pipeline: Pipeline): NameTable {
  const problems: Problem[] = [];
  const productKey = [keyPart(pipeline.product.name)];
  const keys = new Map<string, readonly string[]>();
  for (const asset of pipeline.assets) keys.set(asset.id, assetKeyOf(asset));
  for (const [id, key] of sourceKeys(pipeline)) keys.set(id, key);
  for (const exposure of pipeline.exposures) keys.set(exposure.id, exposure.key.map(keyPart));
  const checks = new Map(
    pipeline.checks.map((check): [string, NativeCheck] => [
      check.id,
      {
        assetKey: (check.primary === null ? undefined : keys.get(check.primary)) ?? productKey,
        name: checkName(check.name),
      },
    ]),
  );
  problems.push(...outputProblems(pipeline, keys, checks), ...inputProblems(pipeline, keys));
  const symbols = new SymbolTable(problems);
  const jobs = symbols.name('job', pipeline.jobs);
  const schedules = symbols.name('schedule', pipeline.schedules);
  const sensors = symbols.name('sensor', pipeline.sensors);
  return {
    op: symbolName(pipeline.product.name, 'dbt'),
    pool: poolName(pipeline.product.name),
    productKey,
    keys,
    checks,
    jobs,
    schedules,
    sensors,
    problems,
  };
}

function assetKeyOf(asset: Asset): readonly string[] {
  return (asset.keyOverrides.dagster ?? asset.key).map(keyPart);
}

/**
 * Keys of sources. Dagster names the inputs of an op by joining the parts with one underscore, so that raw/web_orders
 * and raw_web/orders fall together: the later one gets `.source` at its end. Another product's asset keeps its key.
 */
function sourceKeys(pipeline: Pipeline): [string, readonly string[]][] {
  const taken = new Set<string>();
  const fixed = pipeline.sources.filter((source) => source.producer !== null);
  const own = pipeline.sources.filter((source) => source.producer === null);
  const named = fixed.map((source): [string, readonly string[]] => [source.id, source.key.map(keyPart)]);
  for (const [, key] of named) taken.add(inputIdentifier(key));
  for (const source of own) named.push([source.id, freeKey(source, taken)]);
  return named;
}

function freeKey(source: SourceAsset, taken: Set<string>): readonly string[] {
  let key = source.key.map(keyPart);
  while (taken.has(inputIdentifier(key))) key = [...key.slice(0, -1), `${key.at(-1) ?? ''}.source`];
  taken.add(inputIdentifier(key));
  return key;
}

interface Output {
  readonly label: string;
  readonly file: string;
  readonly id: string;
}

/** Outputs of the product's op: one for each asset and check, in one namespace. */
function outputProblems(
  pipeline: Pipeline,
  keys: ReadonlyMap<string, readonly string[]>,
  checks: ReadonlyMap<string, NativeCheck>,
): Problem[] {
  const problems: Problem[] = [];
  const byIdentifier = new Map<string, Output>();
  const add = (identifier: string, output: Output): void => {
    const other = byIdentifier.get(identifier);
    if (other === undefined) byIdentifier.set(identifier, output);
    else problems.push(collision(output, other));
    if (isReservedName(identifier)) problems.push(reserved(output, identifier));
  };
  for (const asset of pipeline.assets) {
    const key = keys.get(asset.id) ?? asset.key;
    add(outputIdentifier(key), { label: `Asset ${assetName(key)}`, file: asset.file, id: asset.id });
  }
  for (const check of pipeline.checks) {
    const native = checks.get(check.id);
    if (native === undefined) continue;
    add(checkIdentifier(native.assetKey, native.name), describeCheck(check, native));
  }
  return problems;
}

function describeCheck(check: Check, native: NativeCheck): Output {
  return { label: `Check ${qualifiedCheckName(native.assetKey, native.name)}`, file: check.file, id: check.id };
}

/** Only assets of other products can still fall together, and only by a most unlucky choice of names. */
function inputProblems(pipeline: Pipeline, keys: ReadonlyMap<string, readonly string[]>): Problem[] {
  const problems: Problem[] = [];
  const byIdentifier = new Map<string, readonly [string, Output]>();
  for (const source of pipeline.sources) {
    if (source.producer === null) continue;
    const key = keys.get(source.id) ?? source.key;
    const name = assetName(key);
    const output = { label: `Source ${source.sourceName}.${source.name} (${name})`, file: source.file, id: source.id };
    const other = byIdentifier.get(inputIdentifier(key));
    if (other === undefined) byIdentifier.set(inputIdentifier(key), [name, output]);
    else if (other[0] !== name) problems.push(collision(output, other[1]));
  }
  return problems;
}

function collision(one: Output, other: Output): Problem {
  return {
    code: 'NAME_COLLISION',
    severity: 'error',
    message: `${one.label} and ${other.label} have one name at Dagster, which takes dashes, dots and underscores for the same.`,
    resolution: `Rename one of them (${one.file} or ${other.file}), or give one another key with meta.dagster.asset_key.`,
    location: { file: one.file, node: one.id },
  };
}

function reserved(output: Output, identifier: string): Problem {
  return {
    code: 'NAME_NOT_ALLOWED',
    severity: 'error',
    message: `${output.label} would be named "${identifier}" at Dagster, which is a word that Dagster keeps for itself.`,
    resolution: 'Give it an asset_key of two or more parts in meta.dagster.asset_key, or rename it.',
    location: { file: output.file, node: output.id },
  };
}

/** Jobs, schedules and sensors: one suffix for each kind keeps the kinds apart. */
class SymbolTable {
  readonly #problems: Problem[];

  constructor(problems: Problem[]) {
    this.#problems = problems;
  }

  name(kind: 'job' | 'schedule' | 'sensor', entries: readonly { readonly name: string }[]): Map<string, string> {
    const names = new Map<string, string>();
    const owners = new Map<string, string>();
    for (const { name } of entries) {
      const native = symbolName(name, kind);
      const other = owners.get(native);
      if (other !== undefined && other !== name) {
        this.#problems.push({
          code: 'NAME_COLLISION',
          severity: 'error',
          message: `The ${kind}s "${other}" and "${name}" would both be named "${native}" at Dagster.`,
          resolution: 'Rename one of them; Dagster knows letters, digits and underscores only.',
          location: { node: `${kind}s[${name}]` },
        });
      }
      owners.set(native, name);
      names.set(name, native);
    }
    return names;
  }
}
