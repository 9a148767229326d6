// Owns the lint rules: type-aware TypeScript rules for all code, and the purity lint that keeps clocks, timers,
// randomness and Node at the rim. Formatting is Prettier's, directions of imports are .dependency-cruiser.cjs's.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const tests = [
  '**/*.test.ts',
  '**/*.test.tsx',
  '**/scripted-*.ts',
  'edge/store/conformance/**/*.ts',
  'test/**/*.ts',
  'test/**/*.tsx',
];
const browser = ['edge/client/**', 'edge/web/{app,api}/**', 'test/e2e/pages/**'];
const pure = ['edge/**/*.ts', 'workers/{rtp,frames,engine,video,audio}/**/*.ts'];
const rim = ['edge/platform/**', ...browser, ...tests];

const atTheRim =
  'Take it as an argument (edge/clock.ts): clocks, timers, randomness and Node live at the rim.';

/** Rules for syntax that no folder may use. */
const noSyntax = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name, so that one thing has one name everywhere.',
  },
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals or a const object.' },
];

export default tseslint.config(
  { ignores: ['build/', 'data/', 'node_modules/', 'coverage/', '**/*.cjs', 'test/e2e/sdk/**/*.js'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './tsconfig.browser.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // Parameters of one shape by design (ports), and `_` for what a signature makes us take.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      // A generic written once still documents what comes back.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      // An implementation of an async port may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/unified-signatures': 'off',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 600 }],
      'no-restricted-syntax': ['error', ...noSyntax],
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: pure,
    ignores: rim,
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        ...[
          'setTimeout',
          'setInterval',
          'setImmediate',
          'clearTimeout',
          'clearInterval',
          'performance',
          'process',
          'Buffer',
          'require',
          'global',
        ].map((name) => ({ name, message: atTheRim })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: atTheRim },
        { object: 'Math', property: 'random', message: atTheRim },
        { object: 'crypto', property: 'getRandomValues', message: atTheRim },
        { object: 'crypto', property: 'randomUUID', message: atTheRim },
        ...['setTimeout', 'setInterval', 'performance', 'process'].map((property) => ({
          object: 'globalThis',
          property,
          message: atTheRim,
        })),
      ],
      'no-restricted-syntax': [
        'error',
        ...noSyntax,
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: atTheRim },
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(node:|socket\\.io$|ws$|@hono/node-server)', message: atTheRim }] },
      ],
    },
  },
  {
    files: browser.map((pattern) => `${pattern}/*.{ts,tsx}`),
    ignores: tests,
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:', message: 'This code runs in a browser.' }] },
      ],
    },
  },
  {
    files: tests,
    rules: {
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': ['error', { max: 1000 }],
    },
  },
  {
    files: ['**/*.mjs', '*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'URL',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'fetch',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  { files: ['vitest*.config.ts', 'eslint.config.js'], rules: { 'no-restricted-syntax': 'off' } },
);
