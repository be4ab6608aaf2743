/** Order of the sections, by name. */
const order = ['dagster', 'airflow', 'prefect', 'compile'];

const introduction = `# Benchmarks

Written by \`npm run bench -- --orchestrator NAME\`, one section each; change nothing here by hand.

Runs are of generated dbt projects on DuckDB with one test for each model; the SQL costs next to nothing, so the work around it shows. All ways run the same project on the same machine in turn, each on a copy of its own, after one run that does not count. All those on an orchestrator use a real server of it, each with a Python environment of its own. A run in which a model or test is missing is no measurement.

- wall: from the launch to the end as the client sees it; median (lowest–highest)
- own start to end: by the orchestrator's own times
- CPU: user and system seconds of all processes, the server too
- peak: memory of the processes that the run starts, sampled ten times a second
- ×: against \`dbt build\` in the same round, median over the rounds`;

/**
 * docs/benchmarks.md with new sections in place of those of the same name; the others stay.
 * @param page the page before, or an empty text
 * @param sections text by name; undefined leaves the section as it was
 */
export function benchmarkPage(page: string, sections: Readonly<Record<string, string | undefined>>): string {
  const names = [...order, ...Object.keys(sections).filter((name) => !order.includes(name))];
  const parts = names.flatMap((name) => {
    const text = sections[name] ?? sectionOf(page, name);
    return text === undefined ? [] : [`${beginOf(name)}\n\n${text}\n\n${endOf(name)}`];
  });
  return `${[introduction, ...parts].join('\n\n')}\n`;
}

function sectionOf(page: string, name: string): string | undefined {
  const begin = page.indexOf(beginOf(name));
  const end = page.indexOf(endOf(name));
  return begin === -1 || end < begin ? undefined : page.slice(begin + beginOf(name).length, end).trim();
}

function beginOf(name: string): string {
  return `<!-- begin ${name} -->`;
}

function endOf(name: string): string {
  return `<!-- end ${name} -->`;
}
