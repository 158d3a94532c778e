import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';

const everything = ['type:domain', 'type:port', 'type:adapter', 'type:contract', 'type:platform', 'type:tool'];

/** Who may import whom. docs/architecture.md draws it; tools/checks holds a test that a forbidden import fails. */
const depConstraints = [
  {
    sourceTag: 'type:domain',
    onlyDependOnLibsWithTags: ['type:domain'],
    allowedExternalImports: ['vitest', 'fast-check', 'zod', 'yaml'],
  },
  {
    sourceTag: 'type:port',
    onlyDependOnLibsWithTags: ['type:domain', 'type:port'],
    allowedExternalImports: ['vitest'],
  },
  {
    sourceTag: 'type:adapter',
    onlyDependOnLibsWithTags: [
      'type:adapter',
      'type:port',
      'type:domain',
      'type:contract',
      'type:platform',
      'type:tool',
    ],
  },
  {
    sourceTag: 'type:contract',
    onlyDependOnLibsWithTags: ['type:contract'],
    allowedExternalImports: ['@bufbuild/*', '@grpc/*', 'vitest', 'long'],
  },
  { sourceTag: 'type:platform', onlyDependOnLibsWithTags: ['type:platform'] },
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: everything },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: everything },
  { sourceTag: 'type:test', onlyDependOnLibsWithTags: [...everything, 'type:app'] },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/gen/**', '.nx/**', '.cache/**', '.adstocrat/**'] },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An index that the loop keeps in range, in numeric code: noUncheckedIndexedAccess cannot know.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        {
          selector: 'ObjectExpression > SpreadElement > ObjectExpression',
          message: "Write the properties themselves: a spread literal switches TypeScript's excess-property check off.",
        },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Domain libraries run in a browser: the boundary rule sees packages, not Node built-ins.
    files: [
      'libs/{examples,tasks,statistics,data-validation,transforms,models,metrics,servables,rollouts,onnx,monitors,tuning}/src/**/*.ts',
      'libs/{event-bus,artifact-store,jobs,metadata,example-engine}/src/lib/**/*.ts',
    ],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'Domain libraries and ports do no I/O.' }] },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer', '__dirname', 'require'],
    },
  },
  {
    // What trainer, server and browser must compute alike: the last bits of these differ between engines.
    files: ['libs/{examples,transforms}/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...[
          ...[
            'acos',
            'acosh',
            'asin',
            'asinh',
            'atan',
            'atan2',
            'atanh',
            'cbrt',
            'cos',
            'cosh',
            'exp',
            'expm1',
            'hypot',
          ],
          ...['log', 'log10', 'log1p', 'log2', 'pow', 'random', 'sin', 'sinh', 'tan', 'tanh'],
        ].map((property) => ({ object: 'Math', property, message: 'Engines round it differently: see exact/.' })),
        ...['localeCompare', 'toLocaleLowerCase', 'toLocaleUpperCase', 'toLocaleString', 'normalize'].map(
          (property) => ({
            property,
            message: 'It depends on the engine’s locale or Unicode version.',
          }),
        ),
      ],
    },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: ['**/*.config.ts', '**/*.config.mjs'], rules: { 'no-restricted-syntax': 'off' } },
  prettier,
);
