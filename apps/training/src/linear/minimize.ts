/** Gives the function's value at x and puts its gradient there. */
export type Objective = (x: Float64Array, gradient: Float64Array) => Promise<number>;

export interface MinimizeOptions {
  /** About what the second derivatives along the coordinates are: steps are scaled by them at the start. */
  readonly curvature: Float64Array;
  readonly maxIterations: number;
  /** An iteration that gains less than this share of the value is the last. */
  readonly tolerance: number;
}

const memory = 8;
const armijo = 1e-4;

/**
 * The lowest point of a smooth convex function, found in place from where x is, by L-BFGS with a scaled first guess of the
 * curvature and backtracking. Source: J. Nocedal and S. Wright, "Numerical Optimization", 2006, algorithm 7.4.
 */
export async function minimize(objective: Objective, x: Float64Array, options: MinimizeOptions): Promise<number> {
  const size = x.length;
  const gradient = new Float64Array(size);
  let value = await objective(x, gradient);
  const pairs: { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[] = [];
  for (let iteration = 0; iteration < options.maxIterations; iteration += 1) {
    const direction = downhill(gradient, pairs, options.curvature);
    const slope = dot(direction, gradient);
    if (!(slope < 0)) break;
    const from = x.slice();
    const before = gradient.slice();
    let [step, next] = [1, NaN];
    for (let halving = 0; halving < 30; halving += 1, step /= 2) {
      for (let at = 0; at < size; at += 1) x[at] = from[at]! + step * direction[at]!;
      next = await objective(x, gradient);
      if (next <= value + armijo * step * slope) break;
    }
    if (!(next < value)) {
      x.set(from);
      break;
    }
    const s = x.map((one, at) => one - from[at]!);
    const y = gradient.map((one, at) => one - before[at]!);
    const product = dot(s, y);
    if (product > 0) pairs.push({ s, y, rho: 1 / product });
    if (pairs.length > memory) pairs.shift();
    const gained = value - next;
    value = next;
    if (gained < options.tolerance * Math.abs(value)) break;
  }
  return value;
}

/** −H · gradient by the two loops, with 1 ÷ curvature for what no pair tells. */
function downhill(
  gradient: Float64Array,
  pairs: readonly { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[],
  curvature: Float64Array,
): Float64Array {
  const q = gradient.slice();
  const alphas: number[] = [];
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, q);
    alphas.unshift(alpha);
    for (let at = 0; at < q.length; at += 1) q[at]! -= alpha * y[at]!;
  }
  for (let at = 0; at < q.length; at += 1) q[at]! /= curvature[at]!;
  for (const [index, { s, y, rho }] of pairs.entries()) {
    const share = alphas[index]! - rho * dot(y, q);
    for (let at = 0; at < q.length; at += 1) q[at]! += share * s[at]!;
  }
  return q.map((one) => -one);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[at]!;
  return sum;
}
