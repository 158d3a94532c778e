import { describe, expect, it } from 'vitest';
import { type CellKind, cellKinds } from '@adstocrat/statistics';
import { areCleanNumbers, areCleanTimes } from './clean-cells.ts';

const cells = (counts: Partial<Record<CellKind, number>>): { readonly cells: Record<CellKind, number> } => ({
  cells: Object.fromEntries(cellKinds.map((kind) => [kind, counts[kind] ?? 0])) as Record<CellKind, number>,
});

describe('cells of a column', () => {
  it('are clean where all are empty or of the type', () => {
    expect(areCleanNumbers(cells({ integer: 9, empty: 1 }), 'integer')).toBe(true);
    expect(areCleanNumbers(cells({ integer: 9, decimal: 1, big: 1, padded: 1 }), 'float')).toBe(true);
    expect(areCleanTimes(cells({ 'iso-8601': 9, empty: 1 }), 'iso-8601')).toBe(true);
    expect(areCleanTimes(cells({ integer: 9 }), 'epoch-seconds')).toBe(true);
  });

  it('are not where one is anything else', () => {
    for (const kind of cellKinds.filter((one) => one !== 'empty' && one !== 'integer')) {
      expect(areCleanNumbers(cells({ integer: 9, [kind]: 1 }), 'integer'), kind).toBe(false);
      if (!['decimal', 'pointed', 'big', 'padded'].includes(kind))
        expect(areCleanNumbers(cells({ integer: 9, [kind]: 1 }), 'float'), kind).toBe(false);
      if (kind !== 'iso-8601') expect(areCleanTimes(cells({ 'iso-8601': 9, [kind]: 1 }), 'iso-8601'), kind).toBe(false);
    }
    expect(areCleanNumbers(cells({ integer: 9 }), 'string')).toBe(false);
    // A cast reads these otherwise, or not at all.
    expect(areCleanTimes(cells({ 'dd.mm.yyyy': 9 }), 'dd.mm.yyyy')).toBe(false);
  });
});
