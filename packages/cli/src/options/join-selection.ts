/** The words after `--select` as one selection: words are a union, as dbt reads them. */
export function joinSelection(words: readonly string[] | undefined): string | undefined {
  const text = words?.join(' ').trim();
  return text === undefined || text === '' ? undefined : text;
}
