import { describe, expect, it } from '@jest/globals';
import { countCosmosTasks } from './dag-file-ways.js';

describe('countCosmosTasks', () => {
  it('tells models and tests apart, and counts nothing else', () => {
    const ids = ['dbt_producer_watcher', 'model_00000.run', 'model_00000.test', 'model_00001.run'];
    expect(countCosmosTasks(ids.map((id) => ({ task_id: id })))).toEqual({ models: 2, tests: 1 });
  });
});
