import { randomUUID } from 'node:crypto';

/** Source of chance; injected so that backoff and keys can be repeated in tests. */
export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** A random UUID, version 4. */
  uuid(): string;
}

/** Chance from the operating system. */
export const systemRandom: Random = { fraction: () => Math.random(), uuid: () => randomUUID() };
