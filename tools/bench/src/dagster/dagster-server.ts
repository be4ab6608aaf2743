import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-dagster';
import { SharedPlatform } from '../platform/shared-platform.js';
import {
  askDagster,
  launchRun,
  launchRunAnswer,
  reloadWorkspace,
  reloadWorkspaceAnswer,
  runEvents,
  runEventsAnswer,
  runStatus,
  runStatusAnswer,
  type DagsterEvent,
  type RunStatus,
} from './dagster-graphql.js';

/** A code location with a Python environment of its own. */
export interface CodeLocation {
  readonly name: string;
  readonly file: string;
  readonly python: string;
}

const pollMs = 200;
const ended: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'CANCELED']);

/**
 * One real Dagster (webserver, daemon, SQLite) for all contenders of a size: each has a code location of its own in it,
 * so that they differ in nothing else.
 */
export class DagsterServer {
  readonly platform: SharedPlatform;

  /** @param home an empty folder */
  constructor(home: string, binDirectory: string) {
    this.platform = new SharedPlatform(orchestratorPlugin, home, binDirectory);
  }

  /** Makes the server load a code location. Throws when it cannot be loaded. */
  async addLocation(location: CodeLocation, call: CallOptions): Promise<void> {
    const state = await this.platform.running();
    const file = join(state.directory, 'workspace.yaml');
    const before = await readFile(file, 'utf8');
    const python = { relative_path: location.file, location_name: location.name, executable_path: location.python };
    // A JSON value is YAML, too; the list is either empty or in block style.
    const entry = `  - ${JSON.stringify({ python_file: python })}\n`;
    await writeFile(file, before.includes('load_from: []') ? `load_from:\n${entry}` : `${before.trimEnd()}\n${entry}`);
    const answer = await askDagster(state.url, reloadWorkspace, {}, reloadWorkspaceAnswer, call);
    const { message, locationEntries } = answer.reloadWorkspace;
    const found = locationEntries?.find(({ name }) => name === location.name)?.locationOrLoadError;
    if (found?.__typename !== 'RepositoryLocation') {
      throw new TypeError(`Dagster does not load ${location.name}: ${found?.message ?? message ?? 'no reason given'}`);
    }
  }

  /** Launches a job and waits for its end. */
  async run(
    location: string,
    job: string,
    call: CallOptions,
  ): Promise<{ readonly runId: string; readonly status: RunStatus }> {
    const { url } = await this.platform.running();
    const end = performance.now() + call.timeoutMs;
    const selector = { repositoryLocationName: location, repositoryName: '__repository__', jobName: job };
    const launched = await askDagster(url, launchRun, { parameters: { selector } }, launchRunAnswer, call);
    const runId = launched.launchRun.run?.runId;
    if (runId === undefined) throw new TypeError(`Dagster does not launch ${job}: ${launched.launchRun.message ?? ''}`);
    for (;;) {
      const status = await this.status(runId, call);
      if (ended.has(status.status)) return { runId, status };
      if (performance.now() > end) throw new TypeError(`The run of ${job} is still ${status.status}.`);
      await sleep(pollMs, undefined, { signal: call.signal });
    }
  }

  /** Where a run stands. */
  async status(runId: string, call: CallOptions): Promise<RunStatus> {
    const { url } = await this.platform.running();
    return (await askDagster(url, runStatus, { runId }, runStatusAnswer, call)).runOrError;
  }

  /** The whole event log of a run. */
  async events(runId: string, call: CallOptions): Promise<readonly DagsterEvent[]> {
    const { url } = await this.platform.running();
    const events: DagsterEvent[] = [];
    let cursor: string | null = null;
    for (;;) {
      const answer: ReturnType<typeof runEventsAnswer.parse> = await askDagster(
        url,
        runEvents,
        { runId, cursor },
        runEventsAnswer,
        call,
      );
      events.push(...answer.logsForRun.events);
      cursor = answer.logsForRun.cursor;
      if (!answer.logsForRun.hasMore) return events;
    }
  }
}
