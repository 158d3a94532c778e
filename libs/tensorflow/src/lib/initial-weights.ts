import { type ModelSpec, type Parameter, parametersOf, type Weights } from '@adstocrat/models';

/** splitmix32: uniform in [0, 1), the same on every machine. */
function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Seeded first values. The output's bias is the log-odds of the base rate, so that training does not begin by finding it. */
export function initialWeights(spec: ModelSpec, seed: number, baseRate: number): Weights {
  const weights = new Map<string, Float32Array>();
  for (const [index, parameter] of parametersOf(spec).entries()) {
    weights.set(parameter.name, values(parameter, uniform(seed * 1000 + index)));
  }
  const rate = Math.min(0.999, Math.max(0.001, baseRate));
  weights.get('out.bias')?.fill(Math.log(rate / (1 - rate)));
  return weights;
}

function values({ shape, initial, fanIn, fanOut }: Parameter, next: () => number): Float32Array {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const limit = initial === 'zeros' ? 0 : initial === 'embedding' ? 0.05 : Math.sqrt(6 / (fanIn + fanOut));
  return Float32Array.from({ length: size }, () => (limit === 0 ? 0 : (next() * 2 - 1) * limit));
}
