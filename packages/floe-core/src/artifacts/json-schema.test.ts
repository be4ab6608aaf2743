import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { exampleArtifacts } from '../testing/example-artifacts.js';
import { compiledArtifactsJsonSchema } from './json-schema.js';
import { writeArtifacts } from './write-artifacts.js';

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(compiledArtifactsJsonSchema());

describe('compiledArtifactsJsonSchema', () => {
  it('accepts what is written', () => {
    const artifacts = exampleArtifacts({ nodes: [{ unique_id: 'model.shop.orders' }] });
    expect(validate(JSON.parse(writeArtifacts(artifacts)))).toBe(true);
  });

  it('refuses what the reader refuses', () => {
    const artifacts = JSON.parse(
      writeArtifacts(exampleArtifacts({ nodes: [{ unique_id: 'model.shop.orders' }] })),
    ) as Record<string, unknown>;
    expect(validate({ ...artifacts, version: 'one' })).toBe(false);
    expect(validate({ ...artifacts, metadata: undefined })).toBe(false);
    expect(validate({ ...artifacts, mode: 'complicated' })).toBe(false);
  });
});
