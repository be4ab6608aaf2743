import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const runResults = z.looseObject({
  results: z.array(z.looseObject({ unique_id: z.string(), status: z.string() })),
});

/** dbt says `pass` of tests, prefect-dbt's own file `success`. */
const good: ReadonlySet<string> = new Set(['success', 'pass']);

/** What of a project a run has made well, by dbt's run_results.json. */
export async function countRunResults(file: string): Promise<{ readonly models: number; readonly tests: number }> {
  const { results } = runResults.parse(JSON.parse(await readFile(file, 'utf8')));
  const count = (kind: string): number =>
    results.filter(({ unique_id: id, status }) => id.startsWith(`${kind}.`) && good.has(status)).length;
  return { models: count('model'), tests: count('test') };
}
