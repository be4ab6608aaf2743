import { z } from 'zod';
import { valueAt, type KeyPath } from './key-path.js';

/** Gives the keys that a schema knows at a path. */
export type KeyFinder = (path: KeyPath, data: unknown) => readonly string[];

/** Finds known keys; the schema is only translated when something is asked. */
export function createKeyFinder(schema: z.ZodType): KeyFinder {
  let root: JsonSchema | undefined;
  return (path, data) => {
    root ??= toJsonSchema(schema);
    let schemas: readonly JsonSchema[] = branches(root, data);
    let value = data;
    for (const segment of path) {
      value = valueAt(value, [segment]);
      schemas = schemas.flatMap((candidate) => children(candidate, segment)).flatMap((child) => branches(child, value));
    }
    return [...new Set(schemas.flatMap((candidate) => Object.keys(candidate.properties ?? {})))];
  };
}

/** The keywords of JSON Schema that are looked at. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | boolean;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** JSON Schema of a zod schema, as its reader sees it. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
  }) as JsonSchema;
}

/** The alternatives of a schema that fit the value: for a tagged union the branch with the value's tag. */
function branches(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (alternatives === undefined) return fits(schema, value) ? [schema] : [];
  return alternatives.flatMap((alternative) => branches(alternative, value));
}

function fits(schema: JsonSchema, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (schema.type === 'object' && Array.isArray(value)) return false;
  if (schema.type === 'array' && !Array.isArray(value)) return false;
  return Object.entries(schema.properties ?? {}).every(
    ([key, property]) =>
      property.const === undefined || valueAt(value, [key]) === undefined || property.const === valueAt(value, [key]),
  );
}

function children(schema: JsonSchema, segment: string | number): readonly JsonSchema[] {
  const found =
    typeof segment === 'number'
      ? (schema.prefixItems?.[segment] ?? schema.items)
      : (schema.properties?.[segment] ?? schema.additionalProperties);
  return typeof found === 'object' ? [found] : [];
}
