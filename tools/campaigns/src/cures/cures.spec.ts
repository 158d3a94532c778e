import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cures } from './cures.ts';

const root = resolve(import.meta.dirname, '../../../..');
const edits = cures.flatMap(({ name, edits: own }) => own.map((edit) => ({ name, ...edit })));

// Where a line was written anew, its cure is written anew too: `npm run campaign -- cures --only WORDS` tells whether it is noticed.
describe('cures', () => {
  it.each(edits)('stand in the sources once: $name in $file', ({ file, from }) => {
    expect(readFileSync(join(root, file), 'utf8').split(from)).toHaveLength(2);
  });
});
