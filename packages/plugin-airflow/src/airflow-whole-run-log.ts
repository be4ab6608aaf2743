import type { LogLine } from '@floe/core/execution/job-result';
import type { BackendFault, RunReference } from '@floe/core/execution/run-backend';
import { success, type Outcome } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import type { AirflowRunBackend } from './airflow-run-backend.js';

/** The log of a run from its beginning to where it stands. */
export async function readWholeRunLog(
  backend: AirflowRunBackend,
  run: RunReference,
  call: CallOptions,
): Promise<Outcome<readonly LogLine[], BackendFault>> {
  const lines: LogLine[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<AirflowRunBackend['logs']>> = await backend.logs(run, cursor, call);
    if (!page.ok) return page;
    lines.push(...page.value.lines);
    if (!page.value.hasMore || page.value.cursor === cursor) return success(lines);
    cursor = page.value.cursor;
  }
}
