/** The order of a round: everybody comes first in turn, so that nobody always follows the same one. */
export function inTurn<Item>(items: readonly Item[], round: number): readonly Item[] {
  const first = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
