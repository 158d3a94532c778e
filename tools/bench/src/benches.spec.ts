import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { benches } from './benches.ts';

it("are listed in the README as the command's help lists them", () => {
  const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8');
  const rows = Object.entries(benches).map(
    ([name, { options, what }]) => `| \`${name}\` | ${options === '' ? '' : `\`${options}\``} | ${what} |`,
  );
  const [first = ''] = readme.split('| measured on two cores');
  expect(first.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
});
