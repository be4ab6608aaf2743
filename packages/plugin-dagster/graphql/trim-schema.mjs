/**
 * Writes schema.graphql: of the schema of a Dagster webserver only what our documents use.
 * Usage: node trim-schema.mjs <address of a webserver>, then codegen.sh
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  parse,
  print,
  printType,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';

const folder = import.meta.dirname;
const address = process.argv[2];
if (address === undefined) throw new Error('Give the address of a Dagster webserver.');

async function ask(query) {
  const response = await fetch(new URL('/graphql', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

const { version } = await ask('{ version }');
const schema = buildClientSchema(await ask(getIntrospectionQuery()));
const document = parse(
  readdirSync(folder)
    .filter((name) => name.endsWith('.graphql') && name !== 'schema.graphql')
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n'),
);
const errors = validate(schema, document);
if (errors.length > 0) throw new Error(errors.map(String).join('\n'));

/** Used fields by type; types without fields of their own have an empty set. */
const used = new Map();
const touch = (type) => {
  const named = getNamedType(type);
  if (!used.has(named.name)) {
    used.set(named.name, new Set());
    if (isInputObjectType(named)) for (const field of Object.values(named.getFields())) touch(field.type);
  }
  return used.get(named.name);
};
const info = new TypeInfo(schema);
visit(
  document,
  visitWithTypeInfo(info, {
    Field() {
      const parent = info.getParentType();
      const field = info.getFieldDef();
      if (field.name.startsWith('__')) return;
      touch(parent).add(field.name);
      touch(field.type);
      for (const argument of field.args) touch(argument.type);
    },
    FragmentDefinition(node) {
      touch(schema.getType(node.typeCondition.name.value));
    },
    InlineFragment(node) {
      if (node.typeCondition !== undefined) touch(schema.getType(node.typeCondition.name.value));
    },
  }),
);
// An object that implements a used interface has the interface's fields.
for (const [name, fields] of used) {
  const type = schema.getType(name);
  if (!isObjectType(type) && !isInterfaceType(type)) continue;
  for (const parent of type.getInterfaces()) for (const field of used.get(parent.name) ?? []) fields.add(field);
}

const source = parse(
  [...used.keys()]
    .filter((name) => !isSpecifiedScalarType(schema.getType(name)))
    .sort()
    .map((name) => printType(schema.getType(name)))
    .join('\n\n'),
);
const keepInterfaces = (node) => node.interfaces.filter((item) => used.has(item.name.value));
const trimmed = visit(source, {
  ObjectTypeDefinition: (node) => ({ ...node, interfaces: keepInterfaces(node), fields: keepFields(node) }),
  InterfaceTypeDefinition: (node) => ({ ...node, interfaces: keepInterfaces(node), fields: keepFields(node) }),
  UnionTypeDefinition: (node) => ({ ...node, types: node.types.filter((item) => used.has(item.name.value)) }),
  StringValue: () => null,
});

function keepFields(node) {
  const names = used.get(node.name.value);
  const fields = node.fields.filter((field) => names.has(field.name.value));
  return fields.length > 0 ? fields : node.fields.slice(0, 1);
}

const header = `# The part of Dagster's GraphQL schema that floe uses, trimmed from version ${version}.
# Dagster is copyright of Dagster Labs and licensed under the Apache License 2.0; changes: types and fields left out.
`;
writeFileSync(join(folder, 'schema.graphql'), `${header}\n${print(trimmed)}\n`);
