import { describe, expect, it } from 'vitest';
import { graphOf } from '@adstocrat/transforms';
import { forgottenShare, valueForgetter } from './forget-values.ts';

const graph = graphOf([
  { op: 'hour', columns: ['at'], slots: 1, size: 25, dims: 0, state: {} },
  { op: 'vocabulary', columns: ['ad'], slots: 1, size: 8, unknown: { first: 6, count: 2 }, dims: 0, state: {} },
]);
const rows = 20_000;
/** Hour 3, and the ad `c`: id 25 + 3. */
const batch = (): Int32Array => Int32Array.from({ length: rows * 2 }, (_, at) => (at % 2 === 0 ? 3 : 28));

describe('valueForgetter', () => {
  it('forgets its share of a vocabulary’s values into that field’s unknown ids, and nothing else', () => {
    const ids = batch();
    valueForgetter(graph, 1)(ids, 0);
    const seen = new Map<number, number>();
    for (let row = 0; row < rows; row += 1) {
      expect(ids[row * 2]).toBe(3);
      const id = ids[row * 2 + 1] ?? -1;
      seen.set(id, (seen.get(id) ?? 0) + 1);
    }
    // Unknown ids are 25 + 1 + 5 and the next.
    expect([...seen.keys()].sort()).toEqual([28, 31, 32]);
    const forgotten = rows - (seen.get(28) ?? 0);
    const deviation = Math.sqrt(rows * forgottenShare * (1 - forgottenShare));
    expect(Math.abs(forgotten - rows * forgottenShare)).toBeLessThan(4 * deviation);
    expect(Math.abs((seen.get(31) ?? 0) - (seen.get(32) ?? 0))).toBeLessThan(4 * Math.sqrt(forgotten));
  });

  it('leaves missing values and padding missing', () => {
    const ids = Int32Array.from({ length: rows * 2 }, (_, at) => (at % 2 === 0 ? 3 : 25));
    valueForgetter(graph, 1)(ids, 0);
    expect(ids.filter((_, at) => at % 2 === 1).every((id) => id === 25)).toBe(true);
  });

  it('forgets the same values for the same seed and step, whatever was forgotten before', () => {
    const [first, second, other, later] = [batch(), batch(), batch(), batch()];
    const forget = valueForgetter(graph, 5);
    forget(first, 7);
    valueForgetter(graph, 5)(second, 7);
    valueForgetter(graph, 6)(other, 7);
    forget(later, 8);
    expect(first).toEqual(second);
    expect(first).not.toEqual(other);
    expect(first).not.toEqual(later);
  });
});
