import { isChoice, isMeant, type Point, valueAt } from '../parameter.ts';
import type { Sampler } from './sampler.ts';

/** Each point as likely as each other, whatever was seen. Source: J. Bergstra and Y. Bengio, "Random Search for Hyper-Parameter Optimization", 2012. */
export const random: Sampler = (space, _seen, next) => {
  const point: Record<string, number | string> = {};
  for (const parameter of space) {
    if (!isMeant(parameter, point)) continue;
    point[parameter.name] = isChoice(parameter)
      ? parameter.choices[Math.floor(next() * parameter.choices.length)]!
      : valueAt(parameter, next());
  }
  return point satisfies Point;
};
