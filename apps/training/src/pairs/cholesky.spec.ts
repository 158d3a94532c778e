import { describe, expect, it } from 'vitest';
import { cholesky, solveLower, solveSymmetric } from './cholesky.ts';

// By hand: L = [[2, 0], [1, √2]], and L · Lᵀ · (1, 1) = (6, 5).
const matrix = (): Float64Array[] => [Float64Array.of(4, 0), Float64Array.of(2, 3)];

describe('cholesky', () => {
  it('is the root of a matrix', () => {
    const [first, second] = cholesky(matrix());
    expect(first?.[0]).toBe(2);
    expect(second?.[0]).toBe(1);
    expect(second?.[1]).toBeCloseTo(Math.SQRT2, 15);
  });

  it('solves what its matrix makes', () => {
    const solved = solveSymmetric(cholesky(matrix()), [6, 5]);
    expect(solved[0]).toBeCloseTo(1, 14);
    expect(solved[1]).toBeCloseTo(1, 14);
  });

  it('solves the half of it: 2 · 3 = 6 and 3 + √2 · √2 = 5', () => {
    const solved = solveLower(cholesky(matrix()), [6, 5]);
    expect(solved[0]).toBeCloseTo(3, 14);
    expect(solved[1]).toBeCloseTo(Math.SQRT2, 14);
  });
});
