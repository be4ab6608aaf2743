import { stripVTControlCharacters } from 'node:util';

const timestamp = /^\s*\d{2}:\d{2}:\d{2}(?:\.\d+)?\s*/u;
const noise =
  /^(?:Running with dbt=|Registered adapter:|Unable to do partial parsing|Performance info:|Found \d+|Installing |Updates available|Up to date|\[WARNING\]|$)/u;
const longest = 2_000;

/** What dbt has to say in its output, without times, colours, progress and Python stack traces; at most 2,000 characters. */
export function dbtMessage(output: string): string {
  const lines = withoutTracebacks(stripVTControlCharacters(output).split(/\r?\n/u)).map((line) =>
    line.replace(timestamp, '').trimEnd(),
  );
  const start = lines.findIndex((line) => /^(?:Encountered an error|.*\b(?:Error|Exception)\b)/u.test(line));
  const relevant = (start === -1 ? lines : lines.slice(start)).filter((line) => !noise.test(line.trim()));
  const text = relevant
    .join('\n')
    .replace(/\n?Summary of encountered deprecations:[\s\S]*$/u, '')
    .replace(/^Encountered an error:\n?/u, '')
    .trim();
  return text.length > longest ? `${text.slice(0, longest)} …` : text;
}

/** Drops the frames of a traceback and keeps the line that names the exception. */
function withoutTracebacks(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let inTraceback = false;
  for (const line of lines) {
    const text = line.replace(timestamp, '');
    if (text.startsWith('Traceback (most recent call last)')) inTraceback = true;
    else if (inTraceback && (/^\s/u.test(text) || text === '')) continue;
    else {
      inTraceback = false;
      kept.push(line);
    }
  }
  return kept;
}
