import { Draws, sigmoid } from './draws.ts';
import type { World, WorldRow } from './world.ts';

export interface CategoricalLaw {
  readonly name: string;
  readonly seed: number;
  readonly fields: number;
  /** Range of the fields' distinct values, drawn log-uniformly. */
  readonly values: readonly [fewest: number, most: number];
  /** Deviation of the linear part and of the pairwise part of the log-odds. */
  readonly linear: number;
  readonly pairwise: number;
  readonly logOdds: number;
  /** How far all effects turn towards others from the first row to the last: 0 not at all, 1 wholly. */
  readonly drift?: number;
}

const factors = 5;

/**
 * Ids with long tails; log-odds = base + Σ weight + Σ over pairs of fields ⟨v, v′⟩, a factorization law: an id's effect
 * beside another is told by few numbers of its own.
 */
export function categoricalWorld(law: CategoricalLaw): World {
  const draws = new Draws(law.seed);
  const fields = Array.from({ length: law.fields }, () => {
    const count = Math.round(Math.exp(draws.uniform(Math.log(law.values[0]), Math.log(law.values[1]))));
    const effects = (): Float64Array => Float64Array.from({ length: count }, () => draws.normal());
    const vectors = (): Float64Array => Float64Array.from({ length: count * factors }, () => draws.normal());
    return { rank: draws.zipf(count, draws.uniform(0.7, 1.2)), effects: [effects(), effects()], vectors: vectors() };
  });
  const pairs = (law.fields * (law.fields - 1)) / 2;
  const linearScale = law.linear / Math.sqrt(law.fields);
  const pairScale = law.pairwise / Math.sqrt(pairs * factors);
  const row = (at: number): WorldRow => {
    const ids = fields.map(({ rank }) => rank());
    const turn = (law.drift ?? 0) * at * (Math.PI / 2);
    let logit = law.logOdds;
    let pairwise = 0;
    for (const [field, id] of ids.entries()) {
      const { effects } = fields[field]!;
      logit += linearScale * (Math.cos(turn) * effects[0]![id]! + Math.sin(turn) * effects[1]![id]!);
    }
    for (let factor = 0; factor < factors; factor += 1) {
      let [sum, squares] = [0, 0];
      for (const [field, id] of ids.entries()) {
        const v = fields[field]!.vectors[id * factors + factor]!;
        sum += v;
        squares += v * v;
      }
      pairwise += (sum * sum - squares) / 2;
    }
    return { values: ids.map((id, field) => `f${field}-${id}`), probability: sigmoid(logit + pairScale * pairwise) };
  };
  return {
    name: law.name,
    columns: fields.map((_, field) => `c${field}`),
    *rows(count) {
      for (let index = 0; index < count; index += 1) yield row(index / count);
    },
  };
}
