import { type ModelSpec, type Parameter, parametersOf, splitMix32, type Weights } from '@adstocrat/models';

/** Seeded first values. The output's bias is the log-odds of the base rate, so that training does not begin by finding it. */
export function initialWeights(spec: ModelSpec, seed: number, baseRate: number): Weights {
  const weights = new Map<string, Float32Array>();
  for (const [index, parameter] of parametersOf(spec).entries()) {
    weights.set(parameter.name, values(parameter, splitMix32(seed * 1000 + index)));
  }
  const rate = Math.min(0.999, Math.max(0.001, baseRate));
  weights.get('out.bias')?.fill(Math.log(rate / (1 - rate)));
  return weights;
}

function values({ shape, initial, fanIn, fanOut }: Parameter, bits: () => number): Float32Array {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const limit = initial === 'zeros' ? 0 : initial === 'embedding' ? 0.05 : Math.sqrt(6 / (fanIn + fanOut));
  return Float32Array.from({ length: size }, () => (limit === 0 ? 0 : ((bits() / 2 ** 32) * 2 - 1) * limit));
}
