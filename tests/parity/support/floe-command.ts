import { mkdtemp, mkdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '@floe/core/process/child-process';
import { z } from 'zod';
import { repositoryRoot, sharedHome } from '@floe/test-products/repository';

const documentSchema = z.looseObject({
  ok: z.boolean(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.string(), message: z.string(), resolution: z.string() }).optional(),
});

/** What the command answered. */
export interface FloeAnswer {
  readonly exitCode: number;
  readonly document: z.infer<typeof documentSchema>;
  /** Standard error. */
  readonly progress: string;
}

/** The built `floe` command in a home of its own, which shares the Python environments of the checkout. */
export class FloeCommand {
  readonly home: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  private constructor(home: string, environment: Readonly<Record<string, string | undefined>>) {
    this.home = home;
    this.#environment = environment;
  }

  /** @param environment variables besides PATH and HOME */
  static async create(environment: Readonly<Record<string, string>> = {}): Promise<FloeCommand> {
    const home = await mkdtemp(join(tmpdir(), 'floe-parity-'));
    for (const name of ['environments', 'tools']) {
      await mkdir(join(sharedHome, name), { recursive: true });
      await symlink(join(sharedHome, name), join(home, name));
    }
    // as after `npm install` of the plugins
    await symlink(join(repositoryRoot, 'node_modules'), join(home, 'node_modules'));
    const { PATH, HOME } = process.env;
    return new FloeCommand(home, { PATH, HOME, ...environment });
  }

  async run(...args: readonly string[]): Promise<FloeAnswer> {
    return this.runWith({}, ...args);
  }

  /** Runs it with further variables of the environment. */
  async runWith(environment: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<FloeAnswer> {
    const floe = join(repositoryRoot, 'packages', 'cli', 'bin', 'floe.js');
    const outcome = await runCommand(
      {
        command: process.execPath,
        args: [floe, ...args, '--home', this.home, '--output', 'json'],
        cwd: this.home,
        env: { ...this.#environment, ...environment },
      },
      { signal: new AbortController().signal, timeoutMs: 280_000, maxOutputBytes: 4_000_000 },
    );
    if (outcome.kind !== 'exited') throw new TypeError(JSON.stringify(outcome));
    const document = documentSchema.parse(JSON.parse(outcome.stdout));
    return { exitCode: outcome.exitCode, document, progress: outcome.stderr };
  }

  /** Removes the home; what was started must have been stopped. */
  async remove(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}
