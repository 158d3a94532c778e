import { type ModelSpec, type Parameter, parametersOf, splitMix32, type Weights } from '@adstocrat/models';

/** Seeded first values. The bias is the log-odds of the base rate, so that training does not begin by finding it. */
export function initialWeights(spec: ModelSpec, seed: number, baseRate: number): Weights {
  const rate = Math.min(0.999, Math.max(1e-5, baseRate));
  const logOdds = Math.log(rate / (1 - rate));
  return new Map(
    parametersOf(spec).map((parameter, index) => [
      parameter.name,
      values(parameter, logOdds, splitMix32(seed * 1000 + index)),
    ]),
  );
}

function values({ shape, initial, fanIn, fanOut }: Parameter, logOdds: number, bits: () => number): Float32Array {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (initial === 'zeros') return new Float32Array(size);
  if (initial === 'ones') return new Float32Array(size).fill(1);
  if (initial === 'log-odds') return new Float32Array(size).fill(logOdds);
  const limit = initial === 'small' ? 0.05 : Math.sqrt(6 / (fanIn + fanOut));
  return Float32Array.from({ length: size }, () => ((bits() / 2 ** 32) * 2 - 1) * limit);
}
