import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateByUrl } from '@floe/core/testing/lineage-problems';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { repositoryRoot } from '@floe/test-products/repository';

const folder = join(repositoryRoot, 'packages', 'runtime', 'vectors', 'openlineage');

/** Checks by the official schemas of OpenLineage, formats included. */
export function lineageSchemas(): ValidateByUrl {
  const ajv = new Ajv2020({ allErrors: true, strict: false, formats: fullFormats });
  const files = ['OpenLineage.json', ...readdirSync(join(folder, 'facets')).map((name) => join('facets', name))];
  for (const file of files) ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')) as object);
  return (url, value) => {
    const validate = ajv.getSchema(url);
    if (validate === undefined) return [`${url} is no schema that is known here`];
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  };
}
