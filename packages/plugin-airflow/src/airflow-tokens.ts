import { describeServer, faultOfTransport, type FaultContext } from '@floe/core/http/backend-fault';
import type { HttpClient } from '@floe/core/http/http-client';
import { readJsonBody } from '@floe/core/http/json-body';
import { failure, success } from '@floe/core/outcome/outcome';
import type { Redactor } from '@floe/core/redaction/redactor';
import type { ConnectionCredentials } from '@floe/core/secrets/connection-credentials';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { z } from 'zod';
import { baseAddress, type Answer } from './airflow-client.js';
import { faultOfAnswer } from './airflow-errors.js';

/** Where the client has its token from. */
export interface AirflowTokens {
  /** The token for the next request; undefined when none is needed, because a header identifies the caller. */
  current(call: CallOptions): Promise<Answer<string | undefined>>;
  /** A token in place of one that was refused; the same one when there is no other. */
  renew(refused: string | undefined, call: CallOptions): Promise<Answer<string | undefined>>;
}

export interface TokenSource {
  readonly http: HttpClient;
  readonly url: string;
  readonly credentials: ConnectionCredentials;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

const tokenAnswer = z.looseObject({ access_token: z.string().min(1) });

/**
 * Tokens for the credentials: a given token stays; user and password log in, once for all calls at the same time.
 * Without credentials the login of an Airflow that lets everybody in (`simple_auth_manager_all_admins`) is tried.
 */
export function createAirflowTokens(source: TokenSource): AirflowTokens {
  const { credentials } = source;
  if (credentials.kind === 'token') return fixed(credentials.token);
  if (credentials.kind === 'headers') return fixed(undefined);
  let token: string | undefined;
  let login: Promise<Answer<string | undefined>> | undefined;
  const logIn = (call: CallOptions): Promise<Answer<string | undefined>> => {
    login ??= requestToken(source, call)
      .then((answer) => {
        if (answer.ok) token = answer.value;
        return answer;
      })
      .finally(() => {
        login = undefined;
      });
    return login;
  };
  return {
    current: (call) => (token === undefined ? logIn(call) : Promise.resolve(success(token))),
    renew: (refused, call) => (token === refused ? logIn(call) : Promise.resolve(success(token))),
  };
}

function fixed(token: string | undefined): AirflowTokens {
  return { current: () => Promise.resolve(success(token)), renew: () => Promise.resolve(success(token)) };
}

async function requestToken(source: TokenSource, call: CallOptions): Promise<Answer<string | undefined>> {
  const { http, clock, redactor, credentials } = source;
  const url = baseAddress(source.url);
  const context: FaultContext = { server: describeServer('Airflow', url), now: clock.now() };
  const headers = { accept: 'application/json' };
  const outcome = await http.send(
    credentials.kind === 'basic'
      ? {
          method: 'POST',
          url: `${url}/auth/token`,
          headers,
          json: { username: credentials.username, password: credentials.password },
        }
      : { method: 'GET', url: `${url}/auth/token`, headers },
    call,
  );
  if (outcome.kind === 'fault') return failure({ ...faultOfTransport(outcome.fault, context), nothingHappened: true });
  const fault = faultOfAnswer(outcome.response, context);
  if (fault !== undefined) {
    if (credentials.kind === 'basic') return failure({ ...fault, nothingHappened: true });
    return failure({
      code: 'CONNECTION_UNAUTHORIZED',
      message: `${context.server} wants credentials, and there are none`,
      resolution: 'Set plugins.orchestrator.connection_secret_ref to a secret with username and password, or a token.',
      retryable: false,
      nothingHappened: true,
    });
  }
  const answer = readJsonBody(outcome.response, tokenAnswer, context);
  if (!answer.ok) return failure({ ...answer.failure, nothingHappened: true });
  redactor.register(answer.value.access_token);
  return success(answer.value.access_token);
}
