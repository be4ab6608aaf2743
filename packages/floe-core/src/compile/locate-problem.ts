import type { Problem } from '../errors/problem.js';
import type { KeyPath } from '../manifest/key-path.js';
import type { Located, ProductSpec } from '../manifest/product-spec.js';
import { singleScheduleName } from './trigger-names.js';

/**
 * Adds file, line and column of floe.yaml to a finding about a trigger or an execution setting, whose node is written
 * `schedules[<name>].cron`, `sensors[<name>].select`, `execution.timeout`. Other findings come back as they are.
 */
export function locateProblem(problem: Problem, spec: Located<ProductSpec>): Problem {
  const { location } = problem;
  if (location?.node === undefined || location.line !== undefined) return problem;
  const path = pathOf(location.node, spec.value);
  return path === undefined ? problem : { ...problem, location: spec.locator.locate(path) };
}

function pathOf(node: string, spec: ProductSpec): KeyPath | undefined {
  const [, list, name, rest] = /^(schedules|sensors)\[([^\]]+)\](?:\.(.+))?$/u.exec(node) ?? [];
  const tail = rest === undefined ? [] : rest.split('.');
  if (list === 'schedules' || list === 'sensors') {
    const index = indexOf(spec[list] ?? [], name ?? '');
    if (index !== undefined) return [list, index, ...tail];
    return list === 'schedules' && name === singleScheduleName && spec.schedule ? ['schedule', ...tail] : undefined;
  }
  return node.startsWith('execution.') && spec.execution ? node.split('.') : undefined;
}

/** The entry with that name, or with that number in a list counted from 0. */
function indexOf(entries: readonly { readonly name: string }[], name: string): number | undefined {
  const named = entries.findIndex((entry) => entry.name === name);
  if (named >= 0) return named;
  return /^\d+$/u.test(name) && Number(name) < entries.length ? Number(name) : undefined;
}
