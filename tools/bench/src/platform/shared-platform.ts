import type { LocalPlatformOptions, LocalPlatformState, OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { endGroup } from '@floe/core/process/process-group';
import type { CallOptions } from '@floe/core/time/call-options';

const stopGraceMs = 3_000;
const stopTimeoutMs = 30_000;

/** A real local orchestrator for several contenders: starts with the first one that needs it, ends with the last one. */
export class SharedPlatform {
  readonly #platform: NonNullable<OrchestratorPluginModule['localPlatform']>;
  readonly #options: LocalPlatformOptions;
  #users = 0;
  #state: Promise<LocalPlatformState> | undefined;

  /** @param home an empty folder */
  constructor({ localPlatform }: OrchestratorPluginModule, home: string, binDirectory: string) {
    if (localPlatform === undefined) throw new TypeError('The plugin has no local platform.');
    this.#platform = localPlatform;
    this.#options = { home, binDirectory, adapter: 'duckdb', log: () => undefined };
  }

  /** Says that somebody uses it; starts it. */
  async acquire(call: CallOptions): Promise<LocalPlatformState> {
    this.#users += 1;
    this.#state ??= this.#platform.start(this.#options, call);
    return this.#state;
  }

  /** Says that a user is done; the last one ends it. */
  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0 || this.#state === undefined) return;
    const state = await this.#state.catch(() => undefined);
    this.#state = undefined;
    // It is thrown away: no reason to wait for its polite end.
    if (state !== undefined) await endGroup(state.processGroup, stopGraceMs);
    await this.#platform.stop(this.#options, { signal: new AbortController().signal, timeoutMs: stopTimeoutMs });
  }

  async running(): Promise<LocalPlatformState> {
    if (this.#state === undefined) throw new TypeError('The platform has not been started.');
    return this.#state;
  }

  /** Process whose tree is the whole platform. */
  async rootProcess(): Promise<number> {
    return (await this.running()).processGroup;
  }
}
