import type {
  Orchestration,
  OrchestrationExposure,
  OrchestrationNode,
  OrchestrationSource,
} from '../artifacts/orchestration.js';
import type { Problem } from '../errors/problem.js';
import { nameOf, nodeError, type Located } from './pipeline-problems.js';

/** Where keys start: the product, and the dbt package that needs no mention. */
export interface KeyScope {
  readonly product: string;
  readonly rootPackage: string;
}

/** `[product, name]`, with `.vN` for a version and the package in between when it is not the root project's. */
export function assetKey(scope: KeyScope, node: OrchestrationNode): readonly string[] {
  const name = node.version === null ? node.name : `${node.name}.v${node.version}`;
  return [scope.product, ...packageOf(scope, node.package), name];
}

/** `[product, source_name, name]`, or the key of the other product's asset that fills it. */
export function sourceKey(scope: KeyScope, source: OrchestrationSource): readonly string[] {
  if (source.asset !== null) return source.asset.split('/');
  return [scope.product, ...packageOf(scope, source.package), source.source_name, source.name];
}

/** `[product, 'exposures', name]`: dbt allows an exposure the name of a model. */
export function exposureKey(scope: KeyScope, exposure: OrchestrationExposure): readonly string[] {
  const home = exposure.package === '' ? scope.rootPackage : exposure.package;
  return [scope.product, ...packageOf(scope, home), 'exposures', exposure.name];
}

function packageOf(scope: KeyScope, name: string): string[] {
  return name === scope.rootPackage ? [] : [name];
}

/** Two nodes with one key, or one that the overrides for one orchestrator make equal. */
export function keyProblems(scope: KeyScope, orchestration: Orchestration): Problem[] {
  const problems = producerProblems(scope, orchestration);
  const nodes = orchestration.nodes.filter((node) => node.materialized !== 'ephemeral');
  const own = [
    ...orchestration.sources
      .filter((source) => source.asset === null)
      .map((source) => entry(source, sourceKey(scope, source))),
    ...orchestration.exposures.map((exposure) => entry(exposure, exposureKey(scope, exposure))),
  ];
  const orchestrators = [...new Set(nodes.flatMap((node) => Object.keys(node.key_overrides)))].sort();
  const seen = new Set<string>();
  for (const orchestrator of [null, ...orchestrators]) {
    const keys = nodes.map((node) =>
      entry(node, (orchestrator === null ? undefined : node.key_overrides[orchestrator]) ?? assetKey(scope, node)),
    );
    for (const [first, second] of collisions([...keys, ...own])) {
      const pair = `${first.located.unique_id} ${second.located.unique_id}`;
      if (seen.has(pair)) continue;
      seen.add(pair);
      const place = orchestrator === null ? '' : ` at ${orchestrator}, by meta.${orchestrator}.asset_key`;
      problems.push(
        nodeError(
          'NAME_COLLISION',
          second.located,
          `${nameOf(second.located)} and ${nameOf(first.located)} would both be "${second.key.join('/')}"${place}.`,
          orchestrator === null ? 'Rename one of the two in dbt.' : 'Give one of the two another asset_key.',
        ),
      );
    }
  }
  return problems;
}

interface KeyEntry {
  readonly located: Located;
  readonly key: readonly string[];
}

function entry(located: Located, key: readonly string[]): KeyEntry {
  return { located, key };
}

function collisions(entries: readonly KeyEntry[]): [KeyEntry, KeyEntry][] {
  const found: [KeyEntry, KeyEntry][] = [];
  const byKey = new Map<string, KeyEntry>();
  for (const current of entries) {
    const key = JSON.stringify(current.key);
    const other = byKey.get(key);
    if (other === undefined) byKey.set(key, current);
    else if (other.located.unique_id !== current.located.unique_id) found.push([other, current]);
  }
  return found;
}

/** `meta.floe.asset` must name an asset of another product. */
function producerProblems(scope: KeyScope, orchestration: Orchestration): Problem[] {
  const problems: Problem[] = [];
  for (const source of orchestration.sources) {
    if (source.asset === null) continue;
    const parts = source.asset.split('/');
    if (parts.length < 2 || parts.some((part) => part.trim() !== part || part === '')) {
      problems.push(
        nodeError(
          'INVALID_VALUE',
          source,
          `meta.floe.asset "${source.asset}" of source ${source.source_name}.${source.name} is not product/name.`,
          'Write the other product and its model, for example orders/mart_daily_orders.',
        ),
      );
    } else if (parts[0] === scope.product) {
      problems.push(
        nodeError(
          'INVALID_VALUE',
          source,
          `meta.floe.asset "${source.asset}" of source ${source.source_name}.${source.name} names an asset of this product itself.`,
          "Read an own model with ref(); meta.floe.asset is for other products' assets.",
        ),
      );
    }
  }
  return problems;
}
