import type { TestBody, TestRunner } from '../../src/test-runner.js';

/** How one test ended; `error` is absent for a success. */
export interface TestOutcome {
  readonly name: string;
  readonly error?: string;
}

/** A runner that keeps the tests, so that a test can run them and look at what fails. */
export interface RecordingRunner extends TestRunner {
  /** Runs the tests whose full name fits, in order. */
  run(pattern: RegExp): Promise<readonly TestOutcome[]>;
}

export function createRecordingRunner(): RecordingRunner {
  const tests: { name: string; body: TestBody; timeoutMs: number }[] = [];
  const before: TestBody[] = [];
  const after: TestBody[] = [];
  let path: string[] = [];
  return {
    describe: (name, define) => {
      path = [...path, name];
      define();
      path = path.slice(0, -1);
    },
    it: (name, body, timeoutMs = 15_000) => tests.push({ name: [...path, name].join(' › '), body, timeoutMs }),
    beforeAll: (prepare) => before.push(prepare),
    afterAll: (cleanUp) => after.push(cleanUp),
    run: async (pattern) => {
      const outcomes: TestOutcome[] = [];
      for (const prepare of before) await prepare();
      try {
        for (const { name, body, timeoutMs } of tests.filter((test) => pattern.test(test.name))) {
          outcomes.push(await runOne(name, body, timeoutMs));
        }
      } finally {
        for (const cleanUp of after) await cleanUp();
      }
      return outcomes;
    },
  };
}

async function runOne(name: string, body: TestBody, timeoutMs: number): Promise<TestOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TypeError(`did not end within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    await Promise.race([Promise.resolve().then(body), limit]);
    return { name };
  } catch (error) {
    const message =
      typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
    return { name, error: message };
  } finally {
    clearTimeout(timer);
  }
}
