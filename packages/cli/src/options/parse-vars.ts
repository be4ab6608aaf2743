import { InputError } from '@floe/core/errors/floe-error';
import { parseDocument } from 'yaml';

/** dbt variables from YAML or JSON text, as `dbt --vars` takes them. @throws InputError when it is no mapping */
export function parseVars(text: string): Readonly<Record<string, unknown>> {
  const document = parseDocument(text);
  const fault = document.errors[0];
  if (fault !== undefined) throw varsError(fault.message.split('\n', 1)[0] ?? '');
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw varsError('it is no mapping');
  return value as Readonly<Record<string, unknown>>;
}

function varsError(reason: string): InputError {
  return new InputError({
    code: 'USAGE',
    message: `The value of --vars cannot be used: ${reason}.`,
    resolution: `Give a YAML or JSON mapping in quotes, for example --vars '{start_date: 2024-01-01}'.`,
  });
}
