import type { z } from 'zod';
import { toJsonSchema, type JsonSchema } from './json-schema-keys.js';
import type { KeyPath } from './key-path.js';

/** A key of the data that the schema does not name. */
export interface UnknownKey {
  readonly path: KeyPath;
  /** The keys that the schema names at this place. */
  readonly known: readonly string[];
}

/** Every key that a schema does not name where it keeps unknown keys; free sections (records) have none. */
export function unknownKeys(schema: z.ZodType, data: unknown): UnknownKey[] {
  const shape = shapeOf(toJsonSchema(schema));
  const found: UnknownKey[] = [];
  if (shape !== undefined) collect(shape, data, [], found);
  return found;
}

/** The part of a schema that matters for keys; undefined stands for values without named keys inside. */
type Shape =
  | {
      readonly kind: 'named';
      readonly properties: ReadonlyMap<string, Shape | undefined>;
      readonly tags: ReadonlyMap<string, unknown>;
    }
  | { readonly kind: 'record'; readonly values: Shape }
  | { readonly kind: 'list'; readonly items: Shape }
  | { readonly kind: 'choice'; readonly choices: readonly Shape[] };

function shapeOf(schema: JsonSchema): Shape | undefined {
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (alternatives !== undefined) {
    const choices = alternatives.map(shapeOf).filter((shape) => shape !== undefined);
    return choices.length > 1 ? { kind: 'choice', choices } : choices[0];
  }
  if (schema.properties !== undefined) {
    const entries = Object.entries(schema.properties);
    return {
      kind: 'named',
      properties: new Map(entries.map(([key, property]) => [key, shapeOf(property)])),
      tags: new Map(
        entries.flatMap(([key, property]) => (property.const === undefined ? [] : [[key, property.const]])),
      ),
    };
  }
  if (typeof schema.additionalProperties === 'object') {
    const values = shapeOf(schema.additionalProperties);
    return values === undefined ? undefined : { kind: 'record', values };
  }
  const items = typeof schema.items === 'object' ? shapeOf(schema.items) : undefined;
  return items === undefined ? undefined : { kind: 'list', items };
}

function collect(shape: Shape, value: unknown, path: KeyPath, found: UnknownKey[]): void {
  if (typeof value !== 'object' || value === null) return;
  switch (shape.kind) {
    case 'choice': {
      const choice = shape.choices.find((candidate) => fits(candidate, value));
      if (choice !== undefined) collect(choice, value, path, found);
      return;
    }
    case 'list':
      if (!Array.isArray(value)) return;
      for (const [index, item] of value.entries()) collect(shape.items, item, [...path, index], found);
      return;
    case 'record':
      for (const [key, item] of Object.entries(value)) collect(shape.values, item, [...path, key], found);
      return;
    case 'named':
      for (const [key, item] of Object.entries(value)) {
        const property = shape.properties.get(key);
        if (property !== undefined) collect(property, item, [...path, key], found);
        else if (!shape.properties.has(key)) found.push({ path: [...path, key], known: [...shape.properties.keys()] });
      }
  }
}

function fits(shape: Shape, value: object): boolean {
  if (shape.kind === 'list') return Array.isArray(value);
  if (shape.kind !== 'named') return true;
  const fields = value as Readonly<Record<string, unknown>>;
  return [...shape.tags].every(([key, tag]) => fields[key] === tag);
}
