import type { Problem } from '../errors/problem.js';

/** The part of dbt's target/manifest.json (schema v12) that the compiler reads. Maps go by unique_id. */
export interface DbtManifest {
  readonly projectName: string;
  readonly adapterType: string;
  readonly dbtVersion: string;
  readonly nodes: readonly DbtResource[];
  readonly sources: readonly DbtResource[];
  readonly exposures: readonly DbtResource[];
  readonly unitTests: readonly DbtResource[];
  readonly functions: readonly DbtResource[];
  readonly macros: ReadonlyMap<string, DbtMacro>;
  readonly groups: ReadonlyMap<string, DbtGroup>;
}

/** A node, source, exposure or unit test; fields of the JSON that are read only for some types stay in `raw`. */
export interface DbtResource {
  readonly uniqueId: string;
  readonly resourceType: string;
  readonly name: string;
  readonly package: string;
  readonly file: string;
  readonly fqn: readonly string[];
  readonly description: string;
  readonly tags: readonly string[];
  readonly dependsOn: readonly string[];
  readonly macros: readonly string[];
  readonly config: JsonObject;
  readonly meta: JsonObject;
  readonly raw: JsonObject;
}

export interface DbtMacro {
  readonly code: string;
  readonly macros: readonly string[];
}

export interface DbtGroup {
  readonly name: string;
  readonly owners: readonly string[];
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The manifest schema that this package reads. */
export const supportedManifestSchema = 12;

/** Reads the text of a dbt manifest. `file` is only used to name the place. */
export function readDbtManifest(
  text: string,
  file: string,
): { readonly manifest?: DbtManifest; readonly problems: readonly Problem[] } {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { problems: [invalid(file, 'it is not JSON; it may be cut off')] };
  }
  const root = objectOf(data);
  const metadata = objectOf(root.metadata);
  const schema = /\/manifest\/v(\d+)\.json$/u.exec(textOf(metadata.dbt_schema_version))?.[1];
  if (schema === undefined) return { problems: [invalid(file, 'it is not a manifest of dbt')] };
  if (Number(schema) !== supportedManifestSchema) {
    return {
      problems: [
        invalid(file, `it has manifest schema v${schema}, but v${supportedManifestSchema} (dbt 1.8 to 1.11) is needed`),
      ],
    };
  }
  const manifest: DbtManifest = {
    projectName: textOf(metadata.project_name),
    adapterType: textOf(metadata.adapter_type),
    dbtVersion: textOf(metadata.dbt_version),
    nodes: resourcesOf(root.nodes),
    sources: resourcesOf(root.sources),
    exposures: resourcesOf(root.exposures),
    unitTests: resourcesOf(root.unit_tests),
    functions: resourcesOf(root.functions),
    macros: new Map(Object.entries(objectOf(root.macros)).map(([id, macro]) => [id, macroOf(objectOf(macro))])),
    groups: new Map(
      Object.values(objectOf(root.groups)).map((entry) => {
        const group = groupOf(objectOf(entry));
        return [group.name, group];
      }),
    ),
  };
  const broken = [...manifest.nodes, ...manifest.sources].find((entry) => entry.name === '' || entry.package === '');
  if (broken !== undefined) return { problems: [invalid(file, `the entry ${broken.uniqueId} has no name or package`)] };
  return { manifest, problems: [] };
}

function invalid(file: string, reason: string): Problem {
  return {
    code: 'DBT_MANIFEST_INVALID',
    severity: 'error',
    message: `The dbt manifest cannot be used: ${reason}.`,
    resolution: 'Run "dbt parse" with dbt 1.11, or delete the file: floe then makes a new one.',
    location: { file },
  };
}

function resourcesOf(value: unknown): DbtResource[] {
  return Object.entries(objectOf(value)).map(([uniqueId, entry]) => resourceOf(uniqueId, objectOf(entry)));
}

function resourceOf(uniqueId: string, raw: JsonObject): DbtResource {
  const config = objectOf(raw.config);
  const dependsOn = objectOf(raw.depends_on);
  return {
    uniqueId,
    resourceType: textOf(raw.resource_type),
    name: textOf(raw.name),
    package: textOf(raw.package_name),
    file: textOf(raw.original_file_path).replaceAll('\\', '/'),
    fqn: textsOf(raw.fqn),
    description: textOf(raw.description),
    tags: textsOf(raw.tags),
    dependsOn: textsOf(dependsOn.nodes),
    macros: textsOf(dependsOn.macros),
    config,
    meta: { ...objectOf(raw.meta), ...objectOf(config.meta) },
    raw,
  };
}

function macroOf(raw: JsonObject): DbtMacro {
  return { code: textOf(raw.macro_sql), macros: textsOf(objectOf(raw.depends_on).macros) };
}

function groupOf(raw: JsonObject): DbtGroup {
  const owner = objectOf(raw.owner);
  const emails = typeof owner.email === 'string' ? [owner.email] : textsOf(owner.email);
  const name = textOf(owner.name);
  return { name: textOf(raw.name), owners: emails.length > 0 ? emails : name === '' ? [] : [name] };
}

/** The value as an object; anything else is an empty one. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The value as text; anything else is empty. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value as text, or null when it is absent or empty. */
export function optionalTextOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The texts of a list; anything else is left out. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
