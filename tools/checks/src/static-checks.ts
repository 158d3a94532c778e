import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, type CommandResult } from './command.ts';
import { root } from './root.ts';

/** A check of the sources as a whole. `run` answers with what is wrong, or with nothing. */
export interface StaticCheck {
  readonly name: string;
  run(): Promise<string | undefined>;
}

const failure = ({ code, output }: CommandResult): string | undefined => (code === 0 ? undefined : output.trimEnd());
const schemas = join(root, 'libs/schemas');
/** Projects with generated code: ours, and what speaks the contracts of others. */
const generating = ['libs/schemas', 'libs/example-engine-spark'] as const;

/** In order: later ones read what earlier ones made (the project graph). */
export const staticChecks: readonly StaticCheck[] = [
  { name: 'the Nx project graph resolves', run: async () => failure(await command('nx', ['show', 'projects'])) },
  {
    name: 'sources are formatted',
    run: async () => failure(await command('prettier', ['--check', '--log-level', 'warn', '.'])),
  },
  { name: 'sources are typed', run: async () => failure(await command('tsc', ['-b'])) },
  { name: 'sources are linted', run: async () => failure(await command('eslint', ['.', '--max-warnings', '0'])) },
  { name: 'a forbidden import fails the lint', run: forbiddenImportFails },
  { name: 'a domain library cannot reach Node built-ins', run: builtInInDomainFails },
  { name: 'a spread literal fails the lint', run: spreadLiteralFails },
  { name: 'the contracts are linted', run: async () => failure(await command('buf', ['lint'], { cwd: schemas })) },
  {
    name: 'the contracts do not break the baseline',
    run: async () => failure(await command('buf', ['breaking', '--against', 'baseline.binpb'], { cwd: schemas })),
  },
  { name: 'the generated code is what the contracts generate', run: generatedCodeIsCurrent },
];

/** Writes a file into a project, lints it, removes it; wrong where the lint accepts it or complains of something else. */
async function lintRefuses(path: string, source: string, rule: string): Promise<string | undefined> {
  const file = join(root, path);
  writeFileSync(file, source, { flag: 'wx' });
  try {
    const { code, output } = await command('eslint', [path]);
    return code !== 0 && output.includes(rule) ? undefined : `the lint accepted ${path}:\n${source}\n${output}`;
  } finally {
    rmSync(file, { force: true });
  }
}

function forbiddenImportFails(): Promise<string | undefined> {
  return lintRefuses(
    'libs/examples/src/lib/forbidden-import-of-this-check.ts',
    "import type { EventBus } from '@adstocrat/event-bus';\nexport type Bus = EventBus;\n",
    '@nx/enforce-module-boundaries',
  );
}

function builtInInDomainFails(): Promise<string | undefined> {
  return lintRefuses(
    'libs/examples/src/lib/forbidden-built-in-of-this-check.ts',
    "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
    'no-restricted-imports',
  );
}

function spreadLiteralFails(): Promise<string | undefined> {
  return lintRefuses(
    'libs/examples/src/lib/spread-literal-of-this-check.ts',
    'export const settings: { readonly ready?: boolean } = { ...{ raedy: true } };\n',
    'excess-property check',
  );
}

async function generatedCodeIsCurrent(): Promise<string | undefined> {
  for (const project of generating) {
    const generated = await command('npm', ['run', '--silent', 'generate'], { cwd: join(root, project) });
    if (generated.code !== 0) return generated.output;
  }
  const folders = generating.map((project) => `${project}/src/gen`);
  const { output } = await command('git', ['status', '--porcelain', '--', ...folders]);
  return output.trim() === '' ? undefined : `run \`npm run generate\` and commit:\n${output}`;
}
