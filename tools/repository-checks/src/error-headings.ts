/** What differs between the error codes and the headings of the page about them. */
export function headingDifferences(codes: readonly string[], page: string): string[] {
  const headings = [...page.matchAll(/^### (\w+)$/gm)].map((match) => match[1] ?? '');
  return [
    ...codes.filter((code) => !headings.includes(code)).map((code) => `no heading for ${code}`),
    ...headings.filter((heading) => !codes.includes(heading)).map((heading) => `${heading} is no error code`),
    ...headings
      .filter((heading, index) => headings.indexOf(heading) !== index)
      .map((heading) => `${heading} stands twice`),
  ];
}
