import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generateProject, parentsOf } from './generate-project.js';

const size = fc.integer({ min: 1, max: 400 });

describe('generateProject', () => {
  it('gives the same files every time', () => {
    expect(generateProject(57)).toEqual(generateProject(57));
  });

  it('has a file and a test for each model, and no file twice', () => {
    fc.assert(
      fc.property(size, (models) => {
        const { files, tests } = generateProject(models);
        const paths = files.map(({ path }) => path);
        const text = files.filter(({ path }) => path.endsWith('.yml')).map(({ content }) => content);
        expect(paths.filter((path) => path.endsWith('.sql'))).toHaveLength(models);
        expect(new Set(paths).size).toBe(paths.length);
        expect(tests).toBe(models);
        expect(text.join('').match(/data_tests: \[(?:not_null|unique)\]/gu)).toHaveLength(models);
        expect(text.join('').match(/- name: model_/gu)).toHaveLength(models);
      }),
    );
  });

  it('refers only to models of the layer before, which exist', () => {
    fc.assert(
      fc.property(size, (models) => {
        const width = Math.ceil(models / 5);
        for (let index = 0; index < models; index += 1) {
          const parents = parentsOf(index, width);
          expect(new Set(parents).size).toBe(parents.length);
          for (const parent of parents) {
            expect(parent).toBeGreaterThanOrEqual(0);
            expect(Math.floor(parent / width)).toBe(Math.floor(index / width) - 1);
          }
          expect(parents.length > 0).toBe(index >= width);
        }
      }),
      { numRuns: 30 },
    );
  });
});
