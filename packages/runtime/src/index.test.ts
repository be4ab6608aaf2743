import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { runtimeWheels } from './index.js';

describe('runtimeWheels', () => {
  it('gives the wheels that the build makes, with the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(runtimeWheels().map((path) => basename(path))).toEqual([
      `floe_runtime-${version}-py3-none-any.whl`,
      `floe_observers-${version}-py3-none-any.whl`,
      `floe_dbt-${version}-py3-none-any.whl`,
    ]);
    for (const path of runtimeWheels()) expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  });
});
