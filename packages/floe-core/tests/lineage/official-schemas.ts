import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { ValidateByUrl } from '../../src/testing/lineage-problems.js';

const folder = new URL('../../../runtime/vectors/openlineage/', import.meta.url);

/** The official schemas of OpenLineage that are kept in the repository, with formats checked. */
export function officialSchemas(): ValidateByUrl {
  const ajv = new Ajv2020({ allErrors: true, strict: false, formats: fullFormats });
  ajv.addSchema(readSchema('OpenLineage.json'));
  for (const name of readdirSync(new URL('facets/', folder))) ajv.addSchema(readSchema(`facets/${name}`));
  return (url, value) => {
    const validate = ajv.getSchema(url);
    if (validate === undefined) return [`${url} is no schema that is known here`];
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  };
}

function readSchema(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Record<string, unknown>;
}
