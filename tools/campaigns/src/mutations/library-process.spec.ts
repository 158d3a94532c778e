import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Change } from './changed-library.ts';
import { LibraryProcess } from './library-process.ts';

const sources = resolve(import.meta.dirname, '../../../../libs/transforms/src/lib');
const library = new LibraryProcess();
afterAll(() => {
  library.close();
});

function change(path: string, from: string, to: string): Change {
  const file = join(sources, path);
  const start = readFileSync(file, 'utf8').indexOf(from);
  if (start === -1) throw new Error(`${path} has no ${from}`);
  return { file, start, end: start + from.length, to };
}

// A change that is judged by the code of another, earlier one has another outcome than here.
it('judges each change by its own code, whatever was before', async () => {
  const hash = 'hash-32.spec.ts';
  const fingerprint = 'exact/fingerprint-64.spec.ts';
  const seen = change('hash-32.ts', '0x811c9dc5', '0x811c9dc6');
  // One of those that are accepted.
  const unseen = change('hash-32.ts', '0xe000', '57345');
  const steps: readonly (readonly [string, Change | undefined, string])[] = [
    [hash, undefined, 'passed'],
    [hash, seen, 'failed'],
    [hash, unseen, 'passed'],
    [hash, change('hash-32.ts', '>>> 13', '>>> 14'), 'failed'],
    [hash, undefined, 'passed'],
    // A module that is imported by what the spec imports, and specs that do not know it.
    [fingerprint, undefined, 'passed'],
    [fingerprint, change('exact/u64.ts', '+ carry', '- carry'), 'failed'],
    [hash, change('exact/u64.ts', '+ carry', '- carry'), 'passed'],
    [fingerprint, undefined, 'passed'],
    // A module that cannot be imported.
    [hash, change('hash-32.ts', 'let hash', 'let let'), 'failed'],
    [hash, unseen, 'passed'],
    [hash, change('hash-32.ts', 'let hash', 'for (;;); let hash'), 'out of time'],
    [hash, unseen, 'passed'],
    [hash, seen, 'failed'],
  ];
  const outcomes: unknown[] = [];
  for (const [spec, changed, expected] of steps)
    outcomes.push(
      await library.run(`libs/transforms/src/lib/${spec}`, changed, expected === 'out of time' ? 2000 : 60_000),
    );
  expect(outcomes).toEqual(steps.map(([, , expected]) => expected));
});
