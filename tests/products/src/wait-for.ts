import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for something to become defined. */
export async function waitFor<Value>(
  what: string,
  seconds: number,
  look: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  const end = performance.now() + seconds * 1_000;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > end) throw new TypeError(`${what} did not come within ${seconds} s`);
    await sleep(200);
  }
}
