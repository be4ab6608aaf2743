import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
import * as jsoncParser from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

/** Which kind of package may import which; the arrows of docs/architecture.md. */
const dependencyRules = [
  { sourceTag: 'type:core', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:runtime', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:core', 'type:testing'] },
  { sourceTag: 'type:plugin', onlyDependOnLibsWithTags: ['type:core', 'type:runtime', 'type:testing'] },
  { sourceTag: 'type:cli', onlyDependOnLibsWithTags: ['type:core'] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['*'] },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/out-tsc/**', '**/coverage/**', '**/generated/**', '**/.floe/**', '**/wheels/**'] },
  {
    files: ['**/*.ts'],
    extends: [eslint.configs.recommended, tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: [],
          // The command loads parts of core only when it needs them, so that it starts fast; types are imported statically.
          checkDynamicDependenciesExceptions: ['@floe/core/**'],
          depConstraints: dependencyRules,
        },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported; no barrel that re-exports everything.' },
        {
          selector: "BinaryExpression[operator='instanceof'][right.name='Error']",
          message: 'Errors of another realm fail instanceof: use util.types.isNativeError or FloeError.isInstance.',
        },
      ],
    },
  },
  {
    files: ['packages/*/package.json'],
    plugins: { '@nx': nx },
    languageOptions: { parser: jsoncParser },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          ignoredFiles: [
            '{projectRoot}/**/*.test.ts',
            '{projectRoot}/{tests,graphql}/**',
            '{projectRoot}/*.config.mjs',
          ],
          // commander and @kubernetes/client-node are imported, but the project graph does not find them in the lock file.
          ignoredDependencies: ['@floe/plugin-dagster', '@floe/testing', '@kubernetes/client-node', 'commander'],
        },
      ],
    },
  },
);
