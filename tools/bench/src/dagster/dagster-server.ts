import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalPlatformOptions, LocalPlatformState } from '@floe/core/plugin-interfaces';
import { endGroup } from '@floe/core/process/process-group';
import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-dagster';
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

const stopGraceMs = 3_000;
const pollMs = 200;
const ended: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'CANCELED']);

/**
 * One real Dagster (webserver, daemon, SQLite) for all contenders of a size: each has a code location of its own in it,
 * so that they differ in nothing else. It starts with the first one that needs it and ends with the last one.
 */
export class DagsterServer {
  readonly #options: LocalPlatformOptions;
  #users = 0;
  #state: Promise<LocalPlatformState> | undefined;

  /** @param home an empty folder */
  constructor(home: string, binDirectory: string) {
    this.#options = { home, binDirectory, adapter: 'duckdb', log: () => undefined };
  }

  /** Says that somebody uses the server; starts it. */
  async acquire(call: CallOptions): Promise<LocalPlatformState> {
    this.#users += 1;
    this.#state ??= platform().start(this.#options, call);
    return this.#state;
  }

  /** Says that a user is done; the last one ends the server. */
  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0 || this.#state === undefined) return;
    const state = await this.#state.catch(() => undefined);
    this.#state = undefined;
    // It is thrown away: no reason to wait for its polite end.
    if (state !== undefined) await endGroup(state.processGroup, stopGraceMs);
    await platform().stop(this.#options, { signal: new AbortController().signal, timeoutMs: 30_000 });
  }

  /** Makes the server load a code location. Throws when it cannot be loaded. */
  async addLocation(location: CodeLocation, call: CallOptions): Promise<void> {
    const state = await this.#running();
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
    const { url } = await this.#running();
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
    const { url } = await this.#running();
    return (await askDagster(url, runStatus, { runId }, runStatusAnswer, call)).runOrError;
  }

  /** The whole event log of a run. */
  async events(runId: string, call: CallOptions): Promise<readonly DagsterEvent[]> {
    const { url } = await this.#running();
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

  /** Process whose tree is the whole server. */
  async rootProcess(): Promise<number> {
    return (await this.#running()).processGroup;
  }

  async #running(): Promise<LocalPlatformState> {
    if (this.#state === undefined) throw new TypeError('The Dagster server has not been started.');
    return this.#state;
  }
}

function platform(): NonNullable<typeof orchestratorPlugin.localPlatform> {
  if (orchestratorPlugin.localPlatform === undefined) throw new TypeError('The Dagster plugin has no local platform.');
  return orchestratorPlugin.localPlatform;
}
