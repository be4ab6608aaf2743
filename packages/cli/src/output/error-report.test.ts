import { describe, expect, it } from '@jest/globals';
import { InputError } from '@floe/core/errors/floe-error';
import { renderError } from './error-report.js';
import { createStyles } from './styles.js';

const options = { styles: createStyles(false), directory: '/work/shop' };

describe('renderError', () => {
  it('shows place, code, message and next step of every finding', () => {
    const error = InputError.fromProblems([
      {
        code: 'UNKNOWN_KEY',
        severity: 'warning',
        message: 'These settings have no effect yet.',
        resolution: 'Nothing to do.',
        location: { file: '/work/shop/manifest.yaml', line: 3, column: 1 },
      },
      {
        code: 'UNKNOWN_KEY',
        severity: 'error',
        message: 'The key "dependson" is not known.',
        resolution: 'Did you mean "dependsOn"?',
        location: { file: '/work/shop/floe.yaml', line: 12, column: 5, node: 'transforms[0].dependson' },
      },
      {
        code: 'DEPENDENCY_CYCLE',
        severity: 'error',
        message: 'Models depend on each other:\na → b → a',
        resolution: 'Break the cycle.',
        location: { file: '/elsewhere/models/a.sql', node: 'model.shop.a' },
      },
    ]);
    expect(renderError(error.toJSON(), options)).toBe(
      [
        'floe.yaml:12:5 (transforms[0].dependson)',
        'error UNKNOWN_KEY: The key "dependson" is not known.',
        '  next: Did you mean "dependsOn"?',
        '',
        '/elsewhere/models/a.sql (model.shop.a)',
        'error DEPENDENCY_CYCLE: Models depend on each other:',
        '  a → b → a',
        '  next: Break the cycle.',
        '',
        'manifest.yaml:3:1',
        'warning UNKNOWN_KEY: These settings have no effect yet.',
        '  next: Nothing to do.',
        '',
        '2 errors, 1 warning.',
      ].join('\n'),
    );
  });

  it('shows the context of an error without findings', () => {
    const text = renderError(
      {
        code: 'RUN_LOST',
        message: 'The run was lost.',
        resolution: 'Look at the worker.',
        context: {
          runId: 'r1',
          attempts: 2,
          ok: false,
          nothing: null,
          empty: [],
          logTail: ['one', 'two'],
          nodes: [{ id: 'x' }],
        },
      },
      options,
    );
    expect(text).toBe(
      [
        'error RUN_LOST: The run was lost.',
        '  next: Look at the worker.',
        '  runId: r1',
        '  attempts: 2',
        '  ok: false',
        '  logTail:',
        '    one',
        '    two',
        '  nodes:',
        '    {"id":"x"}',
      ].join('\n'),
    );
  });
});
