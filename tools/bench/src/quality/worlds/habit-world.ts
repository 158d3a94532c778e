import { Draws } from './draws.ts';
import type { World, WorldRow } from './world.ts';

const tastes = 4;
const dayparts = 7;

interface User {
  readonly rank: number;
  /** Things that the user comes back to, and how often to each at a time of the day: [things of the user, dayparts]. */
  readonly own: readonly number[];
  readonly often: Float64Array;
  readonly place: number;
}

/**
 * A log of use: users come back to things of their own, tens of thousands, at times of the day that are the thing's. A third of the rows are uses, the others things drawn evenly. Who has which things is drawn by how popular they are and by a
 * taste, so that most of it can only be remembered.
 */
export function habitWorld(seed: number): World {
  const draws = new Draws(seed);
  const [users, things, places] = [300, 1500, 60].map((most) => Math.round(draws.uniform(0.5, 1) * most)) as [
    number,
    number,
    number,
  ];
  const vectors = Array.from({ length: things }, () => Array.from({ length: tastes }, () => draws.normal()));
  const hours = Float64Array.from({ length: things * dayparts }, () => Math.exp(0.8 * draws.normal()));
  const popularity = draws.uniform(0.6, 1.1);
  const most = draws.uniform(20, 60);
  const all = Array.from({ length: users }, (_, rank): User => {
    const taste = Array.from({ length: tastes }, () => 0.6 * draws.normal());
    const likes = vectors.map((vector, thing) => {
      const alike = vector.reduce((sum, one, at) => sum + one * taste[at]!, 0);
      return (thing + 1) ** -popularity * Math.exp(alike);
    });
    const own = new Set<number>();
    for (let left = 5 + draws.below(most); left > 0; left -= 1) own.add(drawnBy(likes, draws));
    const often = Float64Array.from(
      [...own].flatMap((thing) => {
        const each = Math.exp(draws.normal());
        return Array.from({ length: dayparts }, (_time, at) => each * hours[thing * dayparts + at]!);
      }),
    );
    return { rank, own: [...own], often, place: draws.below(places) };
  });
  const user = draws.zipf(users, draws.uniform(0.5, 1));
  const row = (): WorldRow => {
    const { rank, own, often, place } = all[user()]!;
    const daypart = draws.below(dayparts);
    const weights = own.map((_, at) => often[at * dayparts + daypart]!);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const thing = draws.uniform() < 1 / 3 ? own[drawnBy(weights, draws)]! : draws.below(things);
    const known = own.indexOf(thing);
    const used = known < 0 ? 0 : weights[known]! / total / 3;
    const values = [`u${rank}`, `t${thing}`, `d${daypart}`, `p${place}`, `w${draws.below(8)}`, `k${thing % 9}`];
    return { values, probability: used / (used + 2 / 3 / things) };
  };
  return {
    name: 'habits',
    columns: ['who', 'what', 'daypart', 'place', 'weather', 'kind'],
    *rows(count) {
      for (let index = 0; index < count; index += 1) yield row();
    },
  };
}

/** A place, with chances ∝ the weights. */
function drawnBy(weights: readonly number[], draws: Draws): number {
  let left = draws.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [at, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return at;
  }
  return weights.length - 1;
}
