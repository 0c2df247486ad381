// Rules for the pages' scripts and for those of the tests. Run from the project's folder: ESLint sees no file outside of the
// one that it is started in.
import js from '@eslint/js';
import globals from 'globals';

const MARKUP = "Texts come from other people's files and from servers: set textContent, make elements.";
const forbidden = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'setHTMLUnsafe', 'createContextualFragment', 'srcdoc']
  .map((property) => ({ property, message: MARKUP }));
const documentsOwn = ['write', 'writeln', 'execCommand']
  .map((property) => ({ object: 'document', property, message: MARKUP }));

const rules = {
  'array-callback-return': 'error',
  'consistent-return': 'off', // the type checker knows better
  complexity: ['error', 12],
  eqeqeq: 'error',
  'max-depth': ['error', 4],
  'max-lines': ['error', 330],
  'max-lines-per-function': ['error', 60],
  'no-alert': 'error',
  'no-console': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-new-func': 'error',
  'no-param-reassign': 'error',
  'no-restricted-properties': ['error', ...forbidden, ...documentsOwn],
  'no-script-url': 'error',
  'no-self-compare': 'error',
  'no-shadow': 'error',
  'no-template-curly-in-string': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unused-expressions': 'error',
  'no-unused-vars': ['error', { args: 'after-used', argsIgnorePattern: '^_', caughtErrors: 'all' }],
  'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
  'no-var': 'error',
  'prefer-const': 'error',
  radix: 'error',
};

export default [
  { ignores: ['plugin/reslice/static/viewer/vendor/', '**/node_modules/', '.venv/', 'build/', 'dist/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['plugin/reslice/static/{viewer,docs}/**/*.js'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: globals.browser },
    rules,
  },
  {
    files: ['plugin/reslice/static/viewer/texts.js'],
    rules: { 'max-lines': ['error', 800] }, // a dictionary: who translates it wants one file
  },
  {
    // In Orthanc Explorer, on the jQuery that Orthanc brings, in browsers as old: ES5.
    files: ['plugin/reslice/static/explorer.js'],
    languageOptions: { ecmaVersion: 5, sourceType: 'script', globals: { ...globals.browser, ...globals.jquery } },
    rules: {
      ...rules,
      'max-lines': ['error', 400], // Orthanc takes one file
      'max-lines-per-function': 'off', // the whole file stands in one
      'no-prototype-builtins': 'off',
      'no-shadow': 'off',
      'no-var': 'off',
      'prefer-const': 'off',
    },
  },
  {
    files: ['tests/node/**/*.mjs'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: globals.node },
    rules: { ...rules, complexity: ['error', 15], 'no-console': 'off' },
  },
];
