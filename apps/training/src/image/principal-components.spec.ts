import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import { principalComponents, type Projection } from './principal-components.ts';

const bits = splitMix32(3);
const next = (): number => bits() / 2 ** 31 - 1;

/** Rows of six columns that two hidden numbers tell, the first one four columns and the second two; both in scales of their own. */
const rows = 200;
const hidden = Array.from({ length: rows }, () => [next(), next()] as const);
const scales = [1, 3, 0.8, 5, 3, 2];
const x = Float32Array.from(hidden.flatMap(([a, b]) => scales.map((scale, at) => 7 + scale * (at < 4 ? a : b))));

function projected(of: Projection): readonly Float64Array[] {
  return Array.from({ length: of.units }, (_, unit) =>
    Float64Array.from({ length: rows }, (_row, row) => {
      let sum = of.bias[unit]!;
      for (let at = 0; at < 6; at += 1) sum += x[row * 6 + at]! * of.kernel[at * of.units + unit]!;
      return sum;
    }),
  );
}

const correlation = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, one) => sum + one, 0) / rows;
  const [ma, mb] = [mean(a), mean(b)];
  const product = (left: ArrayLike<number>, ml: number, right: ArrayLike<number>, mr: number): number =>
    Array.from(left).reduce((sum, one, at) => sum + (one - ml) * (right[at]! - mr), 0);
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb));
};

describe('principalComponents', () => {
  it('finds the hidden numbers, what more columns tell first, each with mean 0 and deviation 1', async () => {
    const found = await principalComponents(x, rows, 5);
    // Two numbers tell everything: there is no third direction.
    expect(found.units).toBe(2);
    const components = projected(found);
    for (const [at, component] of components.entries()) {
      expect(
        Math.abs(
          correlation(
            component,
            hidden.map((pair) => pair[at]!),
          ),
        ),
      ).toBeGreaterThan(0.99);
      expect(component.reduce((sum, one) => sum + one, 0) / rows).toBeCloseTo(0, 3);
      expect(component.reduce((sum, one) => sum + one ** 2, 0) / rows).toBeCloseTo(1, 2);
    }
  });

  it('gives as many as it may', async () => {
    expect((await principalComponents(x, rows, 1)).units).toBe(1);
  });

  it('has nothing to say where all rows are alike', async () => {
    expect((await principalComponents(new Float32Array(40).fill(3), 10, 2)).units).toBe(0);
  });
});
