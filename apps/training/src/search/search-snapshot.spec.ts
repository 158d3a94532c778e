import { describe, expect, it } from 'vitest';
import { exclusive, worldOf } from '../testing/small-world.ts';
import { turnsOf } from '../testing/turns-of.ts';
import { linearCandidate } from './linear-candidate.ts';
import { recalledSearch, snapshotOf } from './search-snapshot.ts';

describe('recalledSearch', () => {
  it('gives what was kept, and lets the event loop turn between its models', async () => {
    const data = worldOf(exclusive);
    const linear = await linearCandidate(data, new AbortController().signal);
    if (linear === undefined) throw new Error('there is nothing to read');
    const fitted = ['a', 'b', 'c'].map((name) => ({ ...linear, name, extent: { fit: 'pairs' as const, steps: 2 } }));
    const position = { phase: 0, kept: [], steps: 0, fits: 3 };
    const { facts, parts } = snapshotOf('these inputs', position, { linear, fitted, trials: [] });
    const kept = { facts, parts: new Map(Array.from(parts, ([name, { make }]) => [name, make()])) };
    expect((await recalledSearch(kept, data)).fitted.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(await turnsOf(() => recalledSearch(kept, data))).toBeGreaterThanOrEqual(3);
  });
});
