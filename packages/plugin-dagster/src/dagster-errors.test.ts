import { describe, expect, it } from '@jest/globals';
import { recordedData } from '../tests/support/dagster-recordings.js';
import { pythonErrorSchema, reloadLocationAnswer, workspaceAnswer } from './dagster-answers.js';
import { cleanMessage, describeCause, faultOfPythonError, rootCause } from './dagster-errors.js';

function chain(outer: [string, string], ...causes: [string, string, boolean?][]): Parameters<typeof rootCause>[0] {
  return {
    className: outer[0],
    message: outer[1],
    errorChain: causes.map(([className, message, isExplicitLink = true]) => ({
      isExplicitLink,
      error: { className, message },
    })),
  };
}

describe('rootCause', () => {
  it('goes to the deepest cause below the wrappers of Dagster', () => {
    const error = chain(
      ['DagsterExecutionStepExecutionError', 'Error occurred while executing op "bad":\n'],
      ['RuntimeError', 'RuntimeError: connection refused\n'],
      ['KeyError', "KeyError: 'missing'\n"],
    );
    expect(rootCause(error)).toEqual({ className: 'KeyError', message: "'missing'" });
  });

  it('stops at a cause that was only handled', () => {
    const error = chain(['RuntimeError', 'RuntimeError: refused'], ['KeyError', "KeyError: 'handled'", false]);
    expect(describeCause(error)).toBe('RuntimeError: refused');
  });

  it('finds the import that fails in a real answer', () => {
    const { workspaceOrError } = workspaceAnswer.parse(recordedData('workspace-broken-location'));
    const entries = workspaceOrError.__typename === 'Workspace' ? workspaceOrError.locationEntries : [];
    const broken = entries.map(({ locationOrLoadError }) => locationOrLoadError);
    const errors = broken.flatMap((entry) => (entry?.__typename === 'PythonError' ? [describeCause(entry)] : []));
    expect(errors).toEqual(["ModuleNotFoundError: No module named 'no_such_pkg_floe'"]);
  });

  it('does with an answer that names no causes', () => {
    const { reloadRepositoryLocation: entry } = reloadLocationAnswer.parse({
      reloadRepositoryLocation: {
        ...(recordedData('reload-location-broken').reloadRepositoryLocation as object),
        updatedTimestamp: 1,
      },
    });
    const error = entry.__typename === 'WorkspaceLocationEntry' ? entry.locationOrLoadError : null;
    expect(error?.__typename === 'PythonError' && describeCause(error)).toContain('no_such_pkg_floe');
    expect(pythonErrorSchema.parse({ message: 'x' })).toMatchObject({ className: null, errorChain: [] });
  });
});

describe('cleanMessage', () => {
  it.each([
    ['dagster._core.definitions.events.Failure: dbt run failed\n', 'dbt run failed'],
    ['dagster._core.errors.DagsterInvalidSubsetError: No assets\n', 'No assets'],
    ["KeyError: 'missing'\n", "'missing'"],
    ['plain', 'plain'],
    ['It failed\n\nStack Trace:\n  File "/x.py", line 1, in y\n    z()\n', 'It failed'],
    ['It failed\nTraceback (most recent call last):\n  File "x"\nKeyError: 1', 'It failed'],
    ['a\n  File "/x.py", line 3, in y\nb', 'a\nb'],
    ['Note: this stays', 'Note: this stays'],
  ])('makes %j to %j', (text, expected) => {
    expect(cleanMessage(text)).toBe(expected);
  });

  it('cuts what is very long', () => {
    expect(cleanMessage('x'.repeat(10_000)).length).toBeLessThan(2_100);
  });
});

describe('faultOfPythonError', () => {
  it('calls a code server that is away a passing fault', () => {
    const error = chain(
      ['DagsterUserCodeUnreachableError', 'Could not reach user code server'],
      ['RpcError', 'UNAVAILABLE'],
    );
    expect(faultOfPythonError(error)).toMatchObject({ code: 'PLATFORM_UNHEALTHY', retryable: true });
    expect(faultOfPythonError(chain(['CheckError', 'CheckError: no']))).toMatchObject({
      code: 'PLATFORM_REFUSED',
      retryable: false,
      message: expect.stringContaining('CheckError: no'),
    });
  });
});
