import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import { startFaultServer, type Fault, type FaultServer } from '@floe/core/testing/fault-server';
import { systemClock } from '@floe/core/time/clock';
import { recorded } from '../tests/support/dagster-recordings.js';
import { launchAnswer, runProgressAnswer, runsAnswer, terminateAnswer } from './dagster-answers.js';
import { createDagsterClient, type DagsterClient } from './dagster-client.js';
import {
  LaunchRunDocument,
  RunProgressDocument,
  RunsDocument,
  TerminateRunDocument,
  type ExecutionParams,
} from './generated/graphql.js';

let server: FaultServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function clientFor(fault: Fault): Promise<DagsterClient> {
  server = await startFaultServer(() => fault);
  return createDagsterClient(createHttpClient({}), `${server.url}/prefix/`, systemClock);
}

function playback(name: string): Fault {
  const { status, headers, text } = recorded(name);
  return { kind: 'answer', status, headers, body: text };
}

const call = { signal: new AbortController().signal, timeoutMs: 5_000 };
const parameters: ExecutionParams = { selector: { repositoryLocationName: 'a', repositoryName: 'b', jobName: 'c' } };

describe('DagsterClient', () => {
  it('posts the document to /graphql below the path prefix', async () => {
    const client = await clientFor(playback('launch-success'));
    const answer = await client.execute(LaunchRunDocument, { parameters }, launchAnswer, call);
    expect(answer).toMatchObject({ ok: true, value: { launchRun: { __typename: 'LaunchRunSuccess' } } });
    expect(server?.requests[0]).toMatchObject({ method: 'POST', path: '/prefix/graphql' });
    const body = JSON.parse(server?.requests[0]?.body ?? '') as { query: string; variables: unknown };
    expect(body.query).toContain('mutation LaunchRun');
    expect(body.variables).toEqual({ parameters });
  });

  it('reads the body of a 500, which holds an answer', async () => {
    const client = await clientFor(playback('logs-bad-cursor'));
    const document = { runOrError: { __typename: 'RunNotFoundError', message: '' } };
    const recordedBody = JSON.parse(recorded('logs-bad-cursor').text) as { data: object };
    await server?.close();
    server = await startFaultServer(() => ({
      kind: 'answer',
      status: 500,
      body: JSON.stringify({ data: { ...document, ...recordedBody.data } }),
    }));
    const again = createDagsterClient(createHttpClient({}), server.url, systemClock);
    const variables = { runId: 'x', cursor: 'bad', limit: 1 };
    expect(await again.execute(RunProgressDocument, variables, runProgressAnswer, call)).toMatchObject({
      ok: true,
      value: { logsForRun: { __typename: 'PythonError', message: expect.stringContaining('Incorrect padding') } },
    });
    expect(client.url).toContain('/prefix');
  });

  it.each([
    ['http-unknown-field', 'PLATFORM_VERSION'],
    ['http-resolver-error', 'PLATFORM_REFUSED'],
    ['http-put', 'CONNECTION_WRONG_ENDPOINT'],
    ['http-get-html', 'CONNECTION_WRONG_ENDPOINT'],
    ['server_info', 'CONNECTION_WRONG_ENDPOINT'],
  ])('tells %s as %s', async (name, code) => {
    const client = await clientFor(playback(name));
    const answer = await client.execute(LaunchRunDocument, { parameters }, launchAnswer, call);
    expect(answer).toMatchObject({ ok: false, failure: { code, retryable: false } });
    if (!answer.ok) expect(answer.failure.resolution).not.toBe('');
  });

  it('knows when a request certainly did nothing, and when nobody knows', async () => {
    const unknownField = await clientFor(playback('http-unknown-field'));
    expect(await unknownField.execute(LaunchRunDocument, { parameters }, launchAnswer, call)).toMatchObject({
      failure: { nothingHappened: true },
    });
    await server?.close();
    const refused = await unknownField.execute(LaunchRunDocument, { parameters }, launchAnswer, call);
    expect(refused).toMatchObject({
      failure: { code: 'CONNECTION_UNREACHABLE', nothingHappened: true, retryable: true },
    });
    const reset = await clientFor({ kind: 'reset' });
    const lost = await reset.execute(LaunchRunDocument, { parameters }, launchAnswer, call);
    expect(lost.ok ? undefined : (lost.failure.nothingHappened ?? false)).toBe(false);
  });

  it('is cut by its time limit', async () => {
    const client = await clientFor({ kind: 'hang' });
    const limited = { ...call, timeoutMs: 100 };
    expect(await client.execute(LaunchRunDocument, { parameters }, launchAnswer, limited)).toMatchObject({
      failure: { code: 'CONNECTION_TIMEOUT' },
    });
  });

  it('takes kinds of answers, statuses and fields that it does not know', async () => {
    const client = await clientFor({
      kind: 'answer',
      body: JSON.stringify({ data: { launchRun: { __typename: 'LaunchRunPostponed', until: 3 }, other: 1 } }),
    });
    expect(await client.execute(LaunchRunDocument, { parameters }, launchAnswer, call)).toMatchObject({
      ok: true,
      value: { launchRun: { __typename: 'other', name: 'LaunchRunPostponed' } },
    });
    const run = {
      runId: 'r',
      jobName: 'j',
      status: 'HIBERNATING',
      creationTime: 1,
      startTime: null,
      endTime: null,
      rootRunId: null,
      parentRunId: null,
      tags: [],
    };
    await server?.close();
    const runs = await clientFor({
      kind: 'answer',
      body: JSON.stringify({ data: { runsOrError: { __typename: 'Runs', results: [run], count: 1 } } }),
    });
    expect(await runs.execute(RunsDocument, { filter: {}, limit: 1 }, runsAnswer, call)).toMatchObject({
      ok: true,
      value: { runsOrError: { results: [{ status: 'HIBERNATING' }] } },
    });
  });

  it('says what has another shape than expected', async () => {
    const client = await clientFor({ kind: 'answer', body: JSON.stringify({ data: { terminateRun: 5 } }) });
    const variables = { runId: 'x', policy: 'SAFE_TERMINATE' } as const;
    expect(await client.execute(TerminateRunDocument, variables, terminateAnswer, call)).toMatchObject({
      ok: false,
      failure: { code: 'PLATFORM_ANSWER_INVALID', message: expect.stringContaining('terminateRun') },
    });
  });
});
