/** Questions about who is upstream of whom. */
export interface Ancestry {
  /** Direct parents, in the order of the edges. */
  parents(id: string): readonly string[];
  /** True if there is a path from `ancestor` to `descendant` of at least one edge. */
  isAncestor(ancestor: string, descendant: string): boolean;
}

/** Answers by breadth-first search upwards, so that near ancestors are found at once; cycles do not matter. */
export function createAncestry(edges: readonly (readonly [string, string])[]): Ancestry {
  const parentsById = new Map<string, string[]>();
  for (const [upstream, downstream] of edges) {
    const parents = parentsById.get(downstream);
    if (parents === undefined) parentsById.set(downstream, [upstream]);
    else parents.push(upstream);
  }
  const parents = (id: string): readonly string[] => parentsById.get(id) ?? [];
  return {
    parents,
    isAncestor(ancestor, descendant) {
      const seen = new Set<string>([descendant]);
      let level: readonly string[] = [descendant];
      while (level.length > 0) {
        const next: string[] = [];
        for (const id of level) {
          for (const parent of parents(id)) {
            if (parent === ancestor) return true;
            if (seen.has(parent)) continue;
            seen.add(parent);
            next.push(parent);
          }
        }
        level = next;
      }
      return false;
    },
  };
}
