import { ParzenDensity } from './parzen.ts';
import { random } from './random.ts';
import { byMerit, type Sampler } from './sampler.ts';

/** Trials before it goes by what they showed. */
const fewest = 10;
/** Share of the trials that counts as good, and how many at most. */
const [good, mostGood] = [0.1, 25] as const;
/** Draws of which the most promising one is taken. */
const draws = 24;

/**
 * Tree-structured Parzen estimator: of some draws from where the good trials lie, the one that is likeliest there beside where the others lie.
 * A trial that came further is better than one that was stopped before. Source: J. Bergstra et al., "Algorithms for Hyper-Parameter Optimization", 2011.
 */
export const tpe: Sampler = (space, seen, next) => {
  if (seen.length < fewest) return random(space, seen, next);
  const points = seen.toSorted(byMerit).map(({ point }) => point);
  const count = Math.min(mostGood, Math.ceil(good * points.length));
  const [promising, others] = [
    new ParzenDensity(space, points.slice(0, count)),
    new ParzenDensity(space, points.slice(count)),
  ];
  const drawn = Array.from({ length: draws }, () => {
    const point = promising.draw(next);
    return { point, gain: promising.logDensity(point) - others.logDensity(point) };
  });
  return drawn.reduce((one, other) => (other.gain > one.gain ? other : one)).point;
};
