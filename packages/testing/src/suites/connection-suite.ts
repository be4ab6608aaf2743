import assert from 'node:assert/strict';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { errorCategories, type ErrorCode } from '@floe/core/errors/error-codes';
import { assertNoSecret, assertNoStack, assertUnique } from '../assertions.js';
import { htmlPage, loginRedirect, statusAnswer, type ProxyFault } from '../proxy-fault.js';
import type { TestRunner } from '../test-runner.js';
import { call, defaultToken, openPlugin, type LiveSubject, type OpenedPlugin } from './subject.js';

/** What a person waits at most, and what a busy machine adds. */
const limitMs = 10_000;
const toleranceMs = 1_000;
const secretInAddress = 'u53r-1nf0-canary';

interface FaultCase {
  readonly name: string;
  readonly fault: ProxyFault;
  readonly codes: readonly ErrorCode[];
}

const faultCases: readonly FaultCase[] = [
  { name: 'a page of HTML with 200', fault: htmlPage, codes: ['CONNECTION_WRONG_ENDPOINT'] },
  { name: 'a redirect to a login page', fault: loginRedirect, codes: ['CONNECTION_WRONG_ENDPOINT'] },
  { name: 'refused credentials (401)', fault: statusAnswer(401), codes: ['CONNECTION_UNAUTHORIZED'] },
  { name: 'missing permissions (403)', fault: statusAnswer(403), codes: ['CONNECTION_FORBIDDEN'] },
  { name: 'a server that is not ready (503)', fault: statusAnswer(503), codes: ['PLATFORM_UNHEALTHY'] },
  { name: 'connections that are cut', fault: { kind: 'reset' }, codes: ['CONNECTION_UNREACHABLE'] },
  {
    name: 'JSON of another program',
    fault: { kind: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: '{"hello":"world"}' },
    codes: ['CONNECTION_WRONG_ENDPOINT', 'PLATFORM_ANSWER_INVALID'],
  },
  { name: 'half an answer', fault: { kind: 'truncate', bytes: 3 }, codes: ['PLATFORM_ANSWER_INVALID'] },
];

/** The connection check against a real orchestrator, with a faulty network in between (REQ-024). */
export function defineConnectionSuite(runner: TestRunner, subject: LiveSubject): void {
  const { describe, it } = runner;
  const open = (url = subject.proxy().url): OpenedPlugin => openPlugin(subject, url, subject.harness().credentials);
  const validate = async (opened: OpenedPlugin, timeoutMs = 60_000): Promise<ValidationResult> => {
    const began = performance.now();
    const result = await opened.plugin.validateConnection(call(timeoutMs));
    assert.ok(performance.now() - began < limitMs + toleranceMs, 'the check takes longer than 10 seconds');
    assertShape(result);
    assertNoSecret([result, opened.lines], [...opened.secrets, secretInAddress]);
    assertNoSecret(opened.plugin, opened.secrets);
    return result;
  };
  const withFault = async (fault: ProxyFault, timeoutMs?: number): Promise<ValidationResult> => {
    const rule = subject.proxy().inject({ fault });
    try {
      return await validate(open(), timeoutMs);
    } finally {
      rule.remove();
    }
  };

  describe('connection', () => {
    it('succeeds, tells the version, and has shown its credentials', async () => {
      const before = subject.proxy().exchanges.length;
      const result = await validate(open());
      assert.ok(result.success, result.message);
      assert.match(result.details.version ?? '', /\d/, 'the version is not told');
      const sent = JSON.stringify(subject.proxy().exchanges.slice(before));
      const { token = defaultToken } = subject.harness().credentials ?? {};
      if (subject.harness().credentials === undefined)
        assert.ok(sent.includes(token), 'the credentials are never sent');
    });

    it('succeeds again, and changes nothing at the orchestrator', async () => {
      const [first, second] = [await validate(open()), await validate(open())];
      assert.deepEqual(outcomes(first), outcomes(second));
    });

    for (const { name, fault, codes } of faultCases) {
      it(`tells ${name}`, async () => {
        assertFailed(await withFault(fault), codes);
      });
    }

    it('tells a closed port', async () => {
      await subject.proxy().refuse();
      try {
        assertFailed(await validate(open()), ['CONNECTION_UNREACHABLE']);
      } finally {
        await subject.proxy().clear();
      }
    });

    it('tells an unknown host', async () => {
      assertFailed(await validate(open('http://no-such-host.invalid:3000')), ['CONNECTION_UNREACHABLE']);
    });

    it('tells a wrong path', async () => {
      const wrong = open(`${subject.proxy().url}/no/such/path`);
      assertFailed(await validate(wrong), ['CONNECTION_WRONG_ENDPOINT', 'PLATFORM_ANSWER_INVALID']);
    });

    it('keeps user and password in the address to itself', async () => {
      let opened: OpenedPlugin;
      try {
        opened = open(subject.proxy().url.replace('http://', `http://me:${secretInAddress}@`));
      } catch (error) {
        assertNoSecret(error, [secretInAddress]); // a plugin may refuse such addresses
        return;
      }
      await validate(opened);
    });

    it(
      'ends a silent server at 10 seconds, even when the caller would wait longer',
      async () => {
        const result = await withFault({ kind: 'hang' });
        assertFailed(result, ['CONNECTION_TIMEOUT']);
        assert.ok(result.details.durationMs > limitMs * 0.9, 'the check gives up early');
      },
      limitMs + 20_000,
    );

    it('keeps a shorter limit of the caller', async () => {
      const began = performance.now();
      assertFailed(await withFault({ kind: 'drip', everyMs: 40 }, 1_500), ['CONNECTION_TIMEOUT']);
      assert.ok(performance.now() - began < 1_500 + toleranceMs, 'the limit of the caller is not kept');
    });

    it('stops when the caller aborts', async () => {
      const rule = subject.proxy().inject({ fault: { kind: 'hang' } });
      const controller = new AbortController();
      try {
        const checking = open().plugin.validateConnection({ signal: controller.signal, timeoutMs: 60_000 });
        setTimeout(() => {
          controller.abort();
        }, 200);
        const began = performance.now();
        assertFailed(await checking, ['CANCELLED']);
        assert.ok(performance.now() - began < 200 + toleranceMs, 'the abort is not heeded');
      } finally {
        rule.remove();
      }
    });
  });
}

function assertShape(result: ValidationResult): void {
  const { steps, durationMs, endpoint } = result.details;
  assert.notEqual(result.message.trim(), '');
  assertNoStack(result.message);
  for (const { message, resolution = '' } of steps) {
    assertNoStack(message);
    assertNoStack(resolution);
  }
  assert.ok(steps.length >= 3, 'the steps are not told');
  assertUnique(
    steps.map(({ name }) => name),
    'steps',
  );
  assert.ok(durationMs >= 0);
  assert.doesNotMatch(endpoint, /[@?#]/, 'the endpoint shows user information or a query');
  const failures = steps.filter(({ outcome }) => outcome === 'failed');
  assert.equal(failures.length, result.success ? 0 : 1, 'success and the steps disagree');
  for (const step of steps) {
    assert.notEqual(step.message.trim(), '', `${step.name} says nothing`);
    if (step.outcome !== 'failed' && step.outcome !== 'warned') continue;
    assert.ok(step.code !== undefined && Object.hasOwn(errorCategories, step.code), `${step.name} has no code`);
    assert.notEqual(step.resolution?.trim() ?? '', '', `${step.name} does not say what to do`);
  }
  const failed = steps.findIndex(({ outcome }) => outcome === 'failed');
  if (failed < 0) return;
  for (const step of steps.slice(failed + 1))
    assert.equal(step.outcome, 'skipped', `${step.name} goes on after a failure`);
}

function assertFailed(result: ValidationResult, codes: readonly ErrorCode[]): void {
  assert.ok(!result.success, `the check succeeds: ${result.message}`);
  const step = result.details.steps.find(({ outcome }) => outcome === 'failed');
  assert.ok(
    step?.code !== undefined && codes.includes(step.code),
    `the code is ${step?.code ?? 'missing'} (${result.message}), expected ${codes.join(' or ')}`,
  );
}

function outcomes(result: ValidationResult): Record<string, string> {
  return Object.fromEntries(result.details.steps.map(({ name, outcome }) => [name, outcome]));
}
