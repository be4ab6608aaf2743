import type { DbtManifest } from './dbt-manifest.js';
import { textOf } from './dbt-manifest.js';
import type { DbtProfile } from './profiles.js';

/**
 * True unless the relations of a dbt manifest show that it was made with another database or schema than those of the
 * profile. The manifest does not name its target, so this is what can be known of one that floe did not make.
 */
export function fitsProfile(manifest: DbtManifest, profile: DbtProfile): boolean {
  const output = profile.outputs[profile.target] ?? {};
  const nodes = manifest.nodes.filter(
    (node) => node.package === manifest.projectName && ['model', 'seed', 'snapshot'].includes(node.resourceType),
  );
  if (nodes.length === 0) return true;
  const database = expectedDatabase(output);
  const schema = textOf(output.schema).toLowerCase();
  const hasDatabase =
    database === undefined || nodes.some((node) => textOf(node.raw.database).toLowerCase() === database);
  const hasSchema =
    schema === '' || schema.includes('{{') || nodes.some((node) => startsWithSchema(textOf(node.raw.schema), schema));
  return hasDatabase && hasSchema;
}

function startsWithSchema(given: string, schema: string): boolean {
  const lower = given.toLowerCase();
  return lower === schema || lower.startsWith(`${schema}_`);
}

function expectedDatabase(output: Readonly<Record<string, unknown>>): string | undefined {
  const named = textOf(output.database ?? output.dbname);
  if (named !== '') return named.includes('{{') ? undefined : named.toLowerCase();
  const file = textOf(output.path).split('/').at(-1) ?? '';
  const stem = /^([^{}:]+?)(?:\.[^.{}]*)?$/u.exec(file)?.[1];
  return stem?.toLowerCase();
}
