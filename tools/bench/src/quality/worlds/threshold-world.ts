import { Draws, sigmoid } from './draws.ts';
import type { World } from './world.ts';

/** Numbers whose thresholds, exclusive-ors and products decide: where trees are strong. Some values are missing. */
export function thresholdWorld(seed: number): World {
  const draws = new Draws(seed);
  const numbers = 8;
  const scales = Array.from({ length: numbers }, () => Math.exp(draws.uniform(-2, 6)));
  const steps = Array.from({ length: 4 }, () => ({
    of: draws.below(numbers),
    at: draws.uniform(-1, 1),
    effect: draws.uniform(0.5, 1) * (draws.uniform() < 0.5 ? -1 : 1),
  }));
  const exclusive = Array.from({ length: 3 }, () => {
    const first = draws.below(numbers);
    return {
      of: [first, (first + 1 + draws.below(numbers - 1)) % numbers] as const,
      at: [draws.uniform(-0.6, 0.6), draws.uniform(-0.6, 0.6)] as const,
      effect: draws.uniform(0.8, 1.3),
    };
  });
  return {
    name: 'thresholds',
    columns: Array.from({ length: numbers }, (_, index) => `n${index}`),
    *rows(count) {
      for (let index = 0; index < count; index += 1) {
        const x = Array.from({ length: numbers }, () => draws.normal());
        let logit = -1.5;
        for (const { of, at, effect } of steps) logit += x[of]! > at ? effect : 0;
        for (const { of, at, effect } of exclusive) logit += x[of[0]]! > at[0] !== x[of[1]]! > at[1] ? effect : -effect;
        const values = x.map((value, at) => (draws.uniform() < 0.02 ? '' : value * scales[at]!));
        yield { values, probability: sigmoid(logit) };
      }
    },
  };
}
