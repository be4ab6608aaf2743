import { failure, success, type Outcome } from '../../outcome/outcome.js';

/** One criterion of a selection, such as `2+tag:nightly`. */
export interface SelectionCriterion {
  readonly raw: string;
  /** Null when no method is written: dbt then guesses from the value. */
  readonly method: string | null;
  readonly value: string;
  /** `@`: the node, its descendants, and all ancestors of those. */
  readonly childrensParents: boolean;
  /** Levels of ancestors to add; null means none, Infinity means all. */
  readonly parents: number | null;
  readonly children: number | null;
}

/** A union of intersections. */
export interface Selection {
  readonly union: readonly { readonly raw: string; readonly intersection: readonly SelectionCriterion[] }[];
}

const pattern = /^(?<at>@)?(?:(?<parents>\d*)\+)?(?:(?<method>[\w.]+):)?(?<value>.*?)(?:\+(?<children>\d*))?$/su;

/** Reads dbt's selection syntax: spaces unite, commas intersect. Says what is wrong in a sentence. */
export function parseSelection(text: string): Outcome<Selection, string> {
  const parts = text.split(/\s+/u).filter((part) => part !== '');
  if (parts.length === 0) return failure('the selection is empty');
  const union: { raw: string; intersection: SelectionCriterion[] }[] = [];
  for (const raw of parts) {
    const intersection: SelectionCriterion[] = [];
    for (const piece of raw.split(',')) {
      const criterion = parseCriterion(piece, raw);
      if (!criterion.ok) return criterion;
      intersection.push(criterion.value);
    }
    union.push({ raw, intersection });
  }
  return success({ union });
}

function parseCriterion(piece: string, whole: string): Outcome<SelectionCriterion, string> {
  const groups = pattern.exec(piece)?.groups;
  const value = groups?.value ?? '';
  if (groups === undefined || value === '') {
    const place = piece === whole ? '' : ` in "${whole}"`;
    return failure(`"${piece}"${place} names nothing`);
  }
  const childrensParents = groups.at !== undefined;
  const children = depthOf(groups.children);
  if (childrensParents && children !== null) {
    return failure(`"${piece}" has both "@" and a "+" behind it; "@" already includes the descendants`);
  }
  return success({
    raw: piece,
    method: groups.method ?? null,
    value,
    childrensParents,
    parents: depthOf(groups.parents),
    children,
  });
}

function depthOf(digits: string | undefined): number | null {
  if (digits === undefined) return null;
  return digits === '' ? Number.POSITIVE_INFINITY : Number(digits);
}
