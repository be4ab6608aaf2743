import { failure, success, type Outcome } from '../../outcome/outcome.js';
import { compileGlob } from './glob.js';
import { nameMatcher } from './match-name.js';
import { pathMatcher } from './match-path.js';
import type { SelectionCriterion } from './parse-selection.js';
import type { SelectionGraph, SelectionNode } from './selection-graph.js';
import { compareVersions } from './version-order.js';

type Matcher = (node: SelectionNode) => boolean;
type Method = (value: string, graph: SelectionGraph) => Outcome<Matcher, string>;

const resourceTypes = ['model', 'seed', 'snapshot', 'source', 'exposure', 'test', 'unit_test'];
/** Types that dbt knows and that are no node of a product here: they select nothing. */
const otherResourceTypes = [
  'analysis',
  'metric',
  'semantic_model',
  'saved_query',
  'function',
  'operation',
  'macro',
  'doc',
  'group',
];

const methods: Readonly<Record<string, Method>> = {
  fqn: (value) => {
    const matches = nameMatcher(value);
    return success((node) => node.resourceType !== 'source' && matches(node));
  },
  tag: (value) => {
    const matches = compileGlob(value);
    return success((node) => node.tags.some(matches));
  },
  path: (value, graph) => pathMatcher(graph, value),
  file: (value) => {
    const matches = compileGlob(value);
    return success((node) => {
      const name = node.file.slice(node.file.lastIndexOf('/') + 1);
      return matches(name) || matches(stemOf(name));
    });
  },
  source: (value) => {
    const parts = value.split('.');
    if (parts.length > 3) return failure(`"source:${value}" is not source, source.table or package.source.table`);
    const [table = '*', source = '*', home = '*'] = parts.length === 1 ? ['*', parts[0]] : [...parts].reverse();
    const [isHome, isSource, isTable] = [compileGlob(home), compileGlob(source), compileGlob(table)];
    return success(
      (node) =>
        node.resourceType === 'source' && isHome(node.package) && isSource(node.sourceName ?? '') && isTable(node.name),
    );
  },
  exposure: (value) => packageAndName('exposure', value),
  unit_test: (value) => packageAndName('unit_test', value),
  package: (value, graph) => {
    const matches = compileGlob(value === 'this' ? graph.rootPackage : value);
    return success((node) => matches(node.package));
  },
  group: (value) => {
    const matches = compileGlob(value);
    return success((node) => node.group !== null && matches(node.group));
  },
  resource_type: (value) => {
    if (resourceTypes.includes(value)) return success((node) => node.resourceType === value);
    if (otherResourceTypes.includes(value)) return success(() => false);
    return failure(`"resource_type:${value}" is not a type; known are ${resourceTypes.join(', ')}`);
  },
  test_name: (value) => {
    const matches = compileGlob(value);
    return success((node) => {
      const name = node.testKind === 'unit' ? node.name : node.testName;
      return name !== null && matches(name);
    });
  },
  test_type: (value) => {
    if (value === 'generic' || value === 'schema') return success((node) => node.testKind === 'generic');
    if (value === 'singular' || value === 'unit') return success((node) => node.testKind === value);
    if (value === 'data') return success((node) => node.testKind === 'generic' || node.testKind === 'singular');
    return failure(`"test_type:${value}" is not a type of test; known are generic, singular, unit and data`);
  },
  version: (value) => {
    switch (value) {
      case 'none':
        return success((node) => node.resourceType === 'model' && node.version === null);
      case 'latest':
        return success((node) => versionAgainstLatest(node) === 0);
      case 'prerelease':
        return success((node) => (versionAgainstLatest(node) ?? 0) > 0);
      case 'old':
        return success((node) => (versionAgainstLatest(node) ?? 0) < 0);
      default:
        return failure(`"version:${value}" is none of latest, prerelease, old and none`);
    }
  },
  'config.materialized': (value) => success((node) => node.materialized === value),
  'config.severity': (value) => success((node) => node.severity === value.toLowerCase()),
};

/** What can stand before the colon, for messages. */
export const supportedMethods: readonly string[] = Object.keys(methods);

/** The test of one criterion, without its neighbours. */
export function matcherOf(criterion: SelectionCriterion, graph: SelectionGraph): Outcome<Matcher, string> {
  const name = criterion.method ?? guessMethod(criterion.value);
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) return failure(`"${criterion.raw}" uses the method "${name}", which is not supported`);
  return method(criterion.value, graph);
}

/** A value without a method is a path when it has a slash, a file when it ends like one, else a name. */
function guessMethod(value: string): string {
  if (value.includes('/')) return 'path';
  return /\.(?:sql|py|csv)$/iu.test(value) ? 'file' : 'fqn';
}

function packageAndName(type: SelectionNode['resourceType'], value: string): Outcome<Matcher, string> {
  const parts = value.split('.');
  if (parts.length > 2) return failure(`"${type}:${value}" is neither a name nor package.name`);
  const [name = '*', home = '*'] = [...parts].reverse();
  const [isHome, isName] = [compileGlob(home), compileGlob(name)];
  return success((node) => node.resourceType === type && isHome(node.package) && isName(node.name));
}

function versionAgainstLatest(node: SelectionNode): number | null {
  if (node.version === null || node.latestVersion === null) return null;
  return compareVersions(node.version, node.latestVersion);
}

function stemOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
