import type { z } from 'zod';
import type { BackendFault } from '../execution/run-backend.js';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import type { FaultContext } from './backend-fault.js';
import type { HttpResponse } from './http-client.js';

/**
 * Reads the JSON of an answer and checks its shape. Tells a page of HTML (a login page, the page of another program)
 * from broken JSON and from JSON of another shape.
 */
export function readJsonBody<Schema extends z.ZodType>(
  response: HttpResponse,
  schema: Schema,
  context: FaultContext,
): Outcome<z.infer<Schema>, BackendFault> {
  const setting = context.setting ?? 'url in plugins.orchestrator.config';
  if (isHtml(response)) {
    const page = isLoginPage(response.text) ? 'a login page' : 'a page of HTML';
    return failure({
      code: 'CONNECTION_WRONG_ENDPOINT',
      message: `${context.server} answers with ${page} instead of JSON`,
      resolution: isLoginPage(response.text)
        ? `A proxy wants you to log in: give its credentials in connection_secret_ref, or set ${setting} to an address behind it.`
        : `Check ${setting}: it names a web page or another program, not the API of the orchestrator.`,
      retryable: false,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(response.text);
  } catch {
    const text = response.text.trim() === '' ? 'an empty text' : 'a text that is not JSON';
    return failure({
      code: 'PLATFORM_ANSWER_INVALID',
      message: `${context.server} answers with ${text}`,
      resolution: `Check that ${setting} names the API of the orchestrator.`,
      retryable: false,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return success(parsed.data);
  const issues = parsed.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join('.') || 'the answer'}: ${message}`);
  return failure({
    code: 'PLATFORM_ANSWER_INVALID',
    message: `${context.server} answers with JSON of another shape (${issues.join('; ')})`,
    resolution: 'Check that the version of the orchestrator is one that the plugin supports (`floe doctor`).',
    retryable: false,
  });
}

/** True if the answer is a page for people. */
export function isHtml(response: HttpResponse): boolean {
  if (/^\s*(?:<!doctype html|<html|<head|<body)/i.test(response.text.slice(0, 1_000))) return true;
  return /text\/html/i.test(response.headers['content-type'] ?? '') && /^\s*</.test(response.text.slice(0, 1_000));
}

function isLoginPage(text: string): boolean {
  return /type=["']?password|log[ -]?in|sign[ -]?in|\bsso\b|oauth|saml/i.test(text.slice(0, 100_000));
}
