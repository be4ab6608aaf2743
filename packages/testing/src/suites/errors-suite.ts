import assert from 'node:assert/strict';
import type { ErrorCode } from '@floe/core/errors/error-codes';
import type { OrchestratorPlugin } from '@floe/core/plugin-interfaces';
import { assertNoSecret, assertUsefulError, errorOf } from '../assertions.js';
import { htmlPage, loginRedirect, statusAnswer, type ProxyFault } from '../proxy-fault.js';
import type { TestRunner } from '../test-runner.js';
import { call, openPlugin, type LiveSubject } from './subject.js';

const callMs = 3_000;
const toleranceMs = 1_500;

const faultCases: readonly {
  readonly name: string;
  readonly fault: ProxyFault;
  readonly codes: readonly ErrorCode[];
  readonly isFinal: boolean;
}[] = [
  { name: 'credentials are refused', fault: statusAnswer(401), codes: ['CONNECTION_UNAUTHORIZED'], isFinal: true },
  { name: 'permissions are missing', fault: statusAnswer(403), codes: ['CONNECTION_FORBIDDEN'], isFinal: true },
  { name: 'a web page answers', fault: htmlPage, codes: ['CONNECTION_WRONG_ENDPOINT'], isFinal: true },
  { name: 'a login page is in between', fault: loginRedirect, codes: ['CONNECTION_WRONG_ENDPOINT'], isFinal: true },
  { name: 'the server fails', fault: statusAnswer(500), codes: ['PLATFORM_UNHEALTHY'], isFinal: false },
  { name: 'connections are cut', fault: { kind: 'reset' }, codes: ['CONNECTION_UNREACHABLE'], isFinal: false },
  { name: 'the server is silent', fault: { kind: 'hang' }, codes: ['CONNECTION_TIMEOUT'], isFinal: false },
];

/** Failures of the orchestrator as errors for people (REQ-028). */
export function defineErrorsSuite(runner: TestRunner, subject: LiveSubject): void {
  const { describe, it } = runner;

  /** Runs a call under a fault and gives its error, which shows no secret. */
  const errorUnder = async (fault: ProxyFault, action: (plugin: OrchestratorPlugin) => unknown): Promise<unknown> => {
    const rule = subject.proxy().inject({ fault });
    const opened = openPlugin(subject, subject.proxy().url, subject.harness().credentials);
    try {
      const error = await errorOf(() => action(opened.plugin));
      assertNoSecret([error, opened.lines], opened.secrets);
      return error;
    } finally {
      rule.remove();
    }
  };

  describe('errors', () => {
    for (const { name, fault, codes, isFinal } of faultCases) {
      const timed = async (action: (plugin: OrchestratorPlugin) => unknown): Promise<void> => {
        const began = performance.now();
        assertUsefulError(await errorUnder(fault, action), codes);
        assert.ok(performance.now() - began < callMs + toleranceMs, 'the time limit of the call is not kept');
      };

      it(`of listRuns say that ${name}`, async () => {
        const { artifacts } = subject.harness().products.succeeding;
        await timed((plugin) => plugin.listRuns(artifacts, { ...call(callMs), limit: 5 }));
      });

      it(`of readLogs say that ${name}`, async () => {
        const { artifacts } = subject.harness().products.succeeding;
        await timed((plugin) => plugin.readLogs({ artifacts, key: 'any-key' }, call(callMs)));
      });

      if (isFinal) {
        it(`of executeJob say that ${name}`, async () => {
          const product = subject.harness().products.succeeding;
          const error = await errorUnder(
            fault,
            (plugin) =>
              plugin.executeJob({ ...product, key: `refused-${Date.now()}` }, new AbortController().signal).result,
          );
          assertUsefulError(error, codes);
          assert.notDeepEqual(error.context, {}, 'the error has no context');
        }, 60_000);
      }
    }

    it('of a run that could not be started before it was cancelled say so', async () => {
      const product = subject.harness().products.succeeding;
      const controller = new AbortController();
      setTimeout(() => {
        controller.abort();
      }, 1_000);
      await subject.proxy().refuse();
      try {
        const error = await errorUnder(
          { kind: 'reset' },
          (plugin) => plugin.executeJob({ ...product, key: `unreachable-${Date.now()}` }, controller.signal).result,
        );
        assertUsefulError(error, ['CANCELLED', 'RUN_CANCELLED']);
      } finally {
        await subject.proxy().clear();
      }
    }, 90_000);

    it('of a run that nobody knows say so', async () => {
      const { artifacts } = subject.harness().products.succeeding;
      const { plugin } = openPlugin(subject, subject.proxy().url, subject.harness().credentials);
      const run = { artifacts, key: `no-such-run-${Date.now()}` };
      assertUsefulError(await errorOf(() => plugin.readLogs(run, call(10_000))), ['RUN_NOT_FOUND']);
      assertUsefulError(await errorOf(() => plugin.cancel(run, call(10_000))), ['RUN_NOT_FOUND']);
      assertUsefulError(await errorOf(() => plugin.attach(run, new AbortController().signal).result), [
        'RUN_NOT_FOUND',
      ]);
    }, 60_000);

    it('of wrong requests say what is wrong before anything is asked', async () => {
      const { plugin, requestsSent } = openPlugin(subject, subject.proxy().url, subject.harness().credentials);
      const product = subject.harness().products.succeeding;
      const execute = (change: object) =>
        errorOf(() => plugin.executeJob({ ...product, ...change }, new AbortController().signal).result);
      assertUsefulError(await execute({ select: 'no_such_model_of_floe' }), [
        'SELECTION_EMPTY',
        'SELECTION_INVALID',
        'UNKNOWN_MODEL',
      ]);
      assertUsefulError(await execute({ timeout: -1 }), ['INVALID_VALUE', 'USAGE']);
      assertUsefulError(await execute({ key: '../key' }), ['INVALID_VALUE', 'USAGE']);
      assert.equal(requestsSent(), 0);
    });
  });
}
