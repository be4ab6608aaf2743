import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleBundle } from '@floe/core/bundle/assemble-bundle';
import type { Bundle } from '@floe/core/bundle/bundle';
import { compileProject, type CompiledProject } from '@floe/core/compile/compile-project';
import { runDbtParse } from '@floe/core/dbt/dbt-parse';
import type { JobResult } from '@floe/core/execution/job-result';
import type { JobExecution, RunEvent } from '@floe/core/execution/run-events';
import type { DeployResult, JobRequest, OrchestratorPlugin } from '@floe/core/plugin-interfaces';
import { runCommand } from '@floe/core/process/child-process';
import { systemClock } from '@floe/core/time/clock';
import { z } from 'zod';
import { repositoryRoot, within } from './repository.js';
import type { TestPlatform } from './test-platform.js';

/** A run that was followed to its end. */
export interface FollowedRun {
  readonly result: JobResult;
  readonly events: readonly RunEvent[];
}

/** A copy of an example product that a test may change, deploy and run. */
export class TestProduct {
  readonly folder: string;
  readonly #platform: TestPlatform;
  #project: CompiledProject | undefined;
  #bundle: Bundle | undefined;
  #number = 0;

  private constructor(folder: string, platform: TestPlatform) {
    this.folder = folder;
    this.#platform = platform;
  }

  static async copy(example: 'hello-orders' | 'shop', platform: TestPlatform): Promise<TestProduct> {
    const folder = await mkdtemp(join(tmpdir(), `floe-${example}-`));
    const isSource = (path: string): boolean => !/\/(target|logs|dbt_packages|\.floe)(\/|$)/u.test(path);
    await cp(join(repositoryRoot, 'examples', example), folder, { recursive: true, filter: isSource });
    return new TestProduct(folder, platform);
  }

  /** Changes a file of the product; it is compiled again at the next deployment. */
  async edit(file: string, change: (text: string) => string): Promise<void> {
    const path = join(this.folder, file);
    const before = await readFile(path, 'utf8').catch(() => '');
    const after = change(before);
    if (after === before) throw new TypeError(`The edit of ${file} changes nothing.`);
    await writeFile(path, after);
    this.#project = undefined;
    this.#bundle = undefined;
  }

  async compile(): Promise<CompiledProject> {
    const command = {
      python: this.#platform.environment.python,
      environment: { PATH: process.env.PATH, HOME: process.env.HOME },
    };
    this.#project ??= await compileProject(
      {
        directory: this.folder,
        environment: {},
        clock: systemClock,
        parseDbt: (input, call) => runDbtParse(command, input, call),
        dataDirectory: this.#platform.state.dataDirectory,
      },
      within(120),
    );
    return this.#project;
  }

  async bundle(plugin: OrchestratorPlugin = this.#platform.plugin()): Promise<Bundle> {
    const project = await this.compile();
    if (this.#bundle !== undefined) return this.#bundle;
    this.#number += 1;
    const definitions = plugin.createAssetsFromArtifacts(project.artifacts);
    const directory = join(this.folder, '.floe', `bundle-${this.#number}`);
    this.#bundle = await assembleBundle(
      { project, definitions, orchestrator: this.#platform.state.orchestrator, directory },
      within(60),
    );
    return this.#bundle;
  }

  async deploy(options: { readonly dryRun?: boolean } = {}): Promise<DeployResult> {
    const plugin = this.#platform.plugin();
    const { directory } = this.#platform.state;
    return plugin.deploy(await this.bundle(plugin), { ...within(120), dryRun: options.dryRun ?? false, directory });
  }

  async request(job: Partial<JobRequest> = {}): Promise<JobRequest> {
    const bundle = await this.bundle();
    return { artifacts: bundle.artifacts, bundleHash: bundle.hash, ...job };
  }

  async run(job: Partial<JobRequest> = {}, signal: AbortSignal = new AbortController().signal): Promise<FollowedRun> {
    return follow(this.#platform.plugin().executeJob(await this.request(job), signal));
  }

  async retry(key: string): Promise<FollowedRun> {
    const request = await this.request();
    const run = { artifacts: request.artifacts, key };
    return follow(this.#platform.plugin().retryFailed(run, request, new AbortController().signal));
  }

  /** Rows of a query against the product's DuckDB file. */
  async query(database: string, sql: string): Promise<unknown[][]> {
    const script = `import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(json.dumps([[str(value) if value is not None else None for value in row] for row in connection.execute(sys.argv[2]).fetchall()]))`;
    const outcome = await runCommand(
      {
        command: this.#platform.environment.python,
        args: ['-c', script, join(this.#platform.state.dataDirectory, database), sql],
        cwd: this.folder,
        env: { PATH: process.env.PATH },
      },
      { ...within(60), maxOutputBytes: 1_000_000 },
    );
    if (outcome.kind !== 'exited' || outcome.exitCode !== 0) throw new TypeError(JSON.stringify(outcome));
    return z.array(z.array(z.unknown())).parse(JSON.parse(outcome.stdout));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Reads all events of a run and its result. */
export async function follow(execution: JobExecution, onEvent?: (event: RunEvent) => void): Promise<FollowedRun> {
  const events: RunEvent[] = [];
  for await (const event of execution) {
    events.push(event);
    onEvent?.(event);
  }
  return { result: await execution.result, events };
}

/** Status by the name of the node. */
export function statuses(result: JobResult): Readonly<Record<string, string>> {
  return Object.fromEntries(result.nodes.map(({ name, status }) => [name, status]));
}
