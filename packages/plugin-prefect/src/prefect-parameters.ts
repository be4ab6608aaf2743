/** Parameters of the two flows as Prefect checks them: an unknown one is refused instead of ending in a crash. */

const nullable = (schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  anyOf: [schema, { type: 'null' }],
  default: null,
});

const text = { type: 'string' };
const seconds = { type: 'number', exclusiveMinimum: 0 };
const texts = { type: 'array', items: text };

/** RunRequest of @floe/core, in JSON Schema. */
export const runRequestParameter = {
  type: 'object',
  properties: {
    protocol: { const: 1 },
    key: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' },
    select: nullable(text),
    exclude: nullable(text),
    ids: nullable(texts),
    checks: { type: 'boolean', default: true },
    timeout: nullable(seconds),
    node_timeout: nullable(seconds),
    threads: nullable({ type: 'integer', minimum: 1 }),
    retries: nullable({ type: 'integer', minimum: 0 }),
    full_refresh: { type: 'boolean', default: false },
    vars: { type: 'object', default: {} },
    traceparent: nullable(text),
    bundle_hash: nullable(text),
    retry_of: nullable(text),
  },
  additionalProperties: false,
};

/** Schema of the parameters of a product's flow. */
export const productParameters = {
  title: 'Parameters',
  type: 'object',
  properties: {
    floe: {
      ...nullable(runRequestParameter),
      title: 'floe',
      position: 0,
      description: 'What to run and how; without it, the whole product with its own settings.',
    },
    job: { ...nullable(text), title: 'job', position: 1, description: 'A job of the product: a part of it by name.' },
    trigger: {
      ...nullable(text),
      title: 'trigger',
      position: 2,
      description: 'The schedule or sensor that has asked.',
    },
  },
  additionalProperties: false,
} as const;

/** Schema of the parameters of a product's sensor flow. */
export const sensorParameters = {
  title: 'Parameters',
  type: 'object',
  properties: {
    sensor: { type: 'string', title: 'sensor', position: 0, description: 'The sensor that takes a look.' },
  },
  required: ['sensor'],
  additionalProperties: false,
} as const;
