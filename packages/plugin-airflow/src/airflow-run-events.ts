import { stripVTControlCharacters } from 'node:util';
import type { LogLine } from '@floe/core/execution/job-result';
import { nodeResultSchema, type NodeResult } from '@floe/core/execution/run-record';
import { z } from 'zod';
import type { LogItem } from './airflow-answers.js';
import { describeException, withoutPaths } from './airflow-errors.js';
import { progressPrefix } from './airflow-names.js';

const nodes = z.array(nodeResultSchema);

/** What the log of `build` tells about nodes; a line that cannot be read is passed over, since the record has all. */
export function readNodeResults(items: readonly LogItem[]): NodeResult[] {
  return items.flatMap(({ event }) => {
    if (!event.startsWith(progressPrefix)) return [];
    try {
      return nodes.safeParse(JSON.parse(event.slice(progressPrefix.length))).data ?? [];
    } catch {
      return [];
    }
  });
}

/** Lines of Airflow's own machinery that say nothing about the work. */
const machinery = /^(?:airflow\.(?!task\.operators\.)|task$|supervisor$|py\.warnings$|openlineage)/u;
const grouping = /^::(?:group|endgroup)::/u;

/** The lines of a task's log for people: what floe and dbt say, and what goes wrong. */
export function readLogLines(items: readonly LogItem[]): LogLine[] {
  return items.flatMap((item): LogLine[] => {
    const level = levelOf(item.level);
    if (item.event.startsWith(progressPrefix) || grouping.test(item.event)) return [];
    const isMachinery = item.logger !== undefined && machinery.test(item.logger);
    if (isMachinery && level !== 'error') return [];
    const detail = item.error_detail.slice(0, 1).map(describeException).join('');
    const said = [item.event, detail].filter((part) => part !== '').join(' ');
    const text = stripVTControlCharacters(isMachinery ? withoutPaths(said) : said);
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines.map((line) => ({ at: item.timestamp, level, text: line }));
  });
}

function levelOf(level: string | undefined): LogLine['level'] {
  switch (level) {
    case 'debug':
      return 'debug';
    case 'warning':
      return 'warning';
    case 'error':
    case 'critical':
      return 'error';
    default:
      return 'info';
  }
}
