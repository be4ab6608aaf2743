/** The commands in the shell blocks of a page, comments left out. */
export function shellCommands(page: string): string[] {
  return [...page.matchAll(/^```(?:sh|bash|shell|console)\n([^]*?)^```/gm)]
    .flatMap((match) => (match[1] ?? '').split('\n'))
    .map((line) => line.replace(/\s+#.*$|^#.*$/, '').trim())
    .filter((line) => line !== '');
}
