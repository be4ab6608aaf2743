import { describe, expect, it } from '@jest/globals';
import { recordedJson } from '../tests/support/airflow-recordings.js';
import { importErrorsAnswer } from './airflow-answers.js';
import { describeException, importCause, withoutPaths } from './airflow-errors.js';

describe('importCause', () => {
  it('tells the error and its place in the file, without the folders of the server', () => {
    const [first] = importErrorsAnswer.parse(recordedJson('import-errors')).import_errors;
    expect(importCause(first?.stack_trace ?? '')).toEqual({
      message: 'RuntimeError: import broken on purpose',
      place: 'dags/t_broken.py:2',
    });
  });

  it('names the innermost file of the author, not of a library', () => {
    const trace = `Traceback (most recent call last):
  File "/opt/airflow/dags/shop/floe_dag.py", line 12, in <module>
    globals().update(product_dags(bundle))
  File "/opt/airflow/dags/shop/floe_airflow/product_dags.py", line 30, in product_dags
    import pandas
  File "/opt/venv/lib/python3.11/site-packages/pandas/__init__.py", line 9, in <module>
    raise ImportError(message)
ImportError: Missing dependencies:
numpy, see /opt/venv/lib/notes/install.md
`;
    expect(importCause(trace)).toEqual({
      message: 'ImportError: Missing dependencies: numpy, see install.md',
      place: 'floe_airflow/product_dags.py:30',
    });
  });

  it('says when Airflow hides the reason, and takes a text without a trace', () => {
    expect(importCause('REDACTED - you do not have read permission on all DAGs in the file').message).toContain(
      'does not show',
    );
    expect(importCause('DAG took too long')).toEqual({ message: 'DAG took too long', place: undefined });
    expect(importCause('')).toEqual({ message: '', place: undefined });
  });
});

describe('withoutPaths', () => {
  it('keeps names of files and addresses', () => {
    expect(withoutPaths('open /opt/airflow/dags/a.py failed')).toBe('open a.py failed');
    expect(withoutPaths('see https://example.com/a/b and a/b/c')).toBe('see https://example.com/a/b and a/b/c');
  });
});

describe('describeException', () => {
  it("leaves out the class of floe's own ends", () => {
    expect(describeException({ exc_type: 'AirflowFailException', exc_value: '2 nodes failed' })).toBe('2 nodes failed');
    expect(describeException({ exc_type: 'KeyError', exc_value: "'x'" })).toBe("KeyError: 'x'");
  });
});
