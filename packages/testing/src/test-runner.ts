/** The body of a test or of a preparation. */
export type TestBody = () => Promise<void> | undefined;

/** What the suite needs of a test runner; jest, vitest and node:test have it in one line. */
export interface TestRunner {
  readonly describe: (name: string, define: () => void) => void;
  /** `timeoutMs` is the time limit of the test. */
  readonly it: (name: string, test: TestBody, timeoutMs?: number) => void;
  readonly beforeAll: (prepare: TestBody, timeoutMs?: number) => void;
  readonly afterAll: (cleanUp: TestBody, timeoutMs?: number) => void;
}
