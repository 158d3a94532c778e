import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diskFull } from './disk-full.ts';

describe('diskFull', () => {
  it('says of a full disk what to do, also where it is the cause of a cause', async () => {
    // A device that takes nothing, ever.
    const stream = createWriteStream('/dev/full');
    stream.write('a byte');
    const [error] = (await once(stream, 'error').catch((thrown: unknown) => [thrown])) as [Error];
    const says =
      /^a disk is full.*: free some of it, .*; nothing was recorded of this step \(ENOSPC: no space left on device, write\)$/;
    expect(diskFull(error)).toMatch(says);
    expect(diskFull(new Error('copying', { cause: new Error('writing', { cause: error }) }))).toMatch(says);
  });

  it('knows it by the words of an engine, and takes nothing else for it', () => {
    // DuckDB's.
    const engine = new Error('IO Error: Could not write file "a.tmp": No space left on device');
    expect(diskFull(engine)).toContain('a disk is full: free');
    expect(diskFull(new Error('no such file'))).toBeUndefined();
    expect(diskFull('ENOSPC')).toBeUndefined();
  });
});
