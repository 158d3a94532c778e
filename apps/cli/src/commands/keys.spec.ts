import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keyIds } from './keys.ts';

const home = mkdtempSync(join(tmpdir(), 'adstocrat-keys-'));
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

describe('keyIds', () => {
  it('has one key at first, and puts each new one before those that were there', () => {
    const { from, ids } = keyIds({ home });
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f]{8}$/)]);
    const added = keyIds({ home, new: true });
    expect(added.ids).toHaveLength(2);
    expect(added.ids.slice(1)).toEqual(ids);
    expect(keyIds({ home })).toEqual(added);
    expect(statSync(from).mode & 0o777).toBe(0o600);
  });
});
