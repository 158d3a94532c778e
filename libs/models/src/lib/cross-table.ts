import { splitMix32 } from './split-mix-32.ts';

/** Weights of pairs of ids in a hash table in which each pair lies at one of two slots, so that one is found by looking twice. */
export interface CrossTable {
  /** By slot, the two ids of a pair, that of the feature that comes first first; −1 where a slot is empty. */
  readonly firsts: Float32Array;
  readonly seconds: Float32Array;
  readonly weights: Float32Array;
  /** Two hash functions: (a · first + b · second) mod {@link crossPrime} mod slots. */
  readonly multipliers: CrossMultipliers;
}

export type CrossMultipliers = readonly [readonly [number, number], readonly [number, number]];

/** Pairs of ids, and the weight of each. */
export interface Crosses {
  readonly firsts: ArrayLike<number>;
  readonly seconds: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** The prime 2³¹ − 1. */
export const crossPrime = 2 ** 31 - 1;
/** Ids are below it: a float32 holds each, and the sum of two products with multipliers below 2²⁸ is exact in float64. */
export const crossIdLimit = 2 ** 24;
const multiplierLimit = 2 ** 28;
/** Pairs that may be moved to their other slot for one that comes in, before other hash functions are drawn. */
const mostMoves = 500;

/** Slots for so many pairs: a power of two, so that at most half of them are taken. */
export function crossSlots(pairs: number): number {
  return 2 ** Math.ceil(Math.log2(2 * Math.max(1, pairs)));
}

/**
 * Lays pairs, each there once, into {@link crossSlots} slots. Source: R. Pagh and F. Rodler, "Cuckoo Hashing", 2004; the hash functions are those of
 * L. Carter and M. Wegman, "Universal Classes of Hash Functions", 1979. Throws `RangeError` for ids of {@link crossIdLimit} and more.
 */
export function crossTable({ firsts, seconds, weights }: Crosses): CrossTable {
  const slots = crossSlots(firsts.length);
  for (const ids of [firsts, seconds])
    for (let at = 0; at < ids.length; at += 1)
      if (ids[at]! >= crossIdLimit) throw new RangeError(`id ${ids[at]!} does not fit in a table of crosses`);
  const bits = splitMix32(slots);
  const drawn = (): number => 1 + (bits() % (multiplierLimit - 1));
  for (;;) {
    const multipliers: CrossMultipliers = [
      [drawn(), drawn()],
      [drawn(), drawn()],
    ];
    const at = laid(firsts, seconds, slots, multipliers);
    if (at === undefined) continue;
    const table = {
      firsts: new Float32Array(slots).fill(-1),
      seconds: new Float32Array(slots).fill(-1),
      weights: new Float32Array(slots),
      multipliers,
    };
    for (const [slot, pair] of at.entries()) {
      if (pair < 0) continue;
      table.firsts[slot] = firsts[pair]!;
      table.seconds[slot] = seconds[pair]!;
      table.weights[slot] = weights[pair]!;
    }
    return table;
  }
}

/** Which pair lies in each slot, −1 for none; undefined where these functions don't do. */
function laid(
  firsts: ArrayLike<number>,
  seconds: ArrayLike<number>,
  slots: number,
  [one, other]: CrossMultipliers,
): Int32Array | undefined {
  const at = new Int32Array(slots).fill(-1);
  for (let next = 0; next < firsts.length; next += 1) {
    let pair = next;
    let slot = slotOf(firsts[pair]!, seconds[pair]!, one, slots);
    for (let moves = 0; ; moves += 1) {
      if (moves === mostMoves) return undefined;
      const before = at[slot]!;
      at[slot] = pair;
      if (before < 0) break;
      pair = before;
      const usual = slotOf(firsts[pair]!, seconds[pair]!, one, slots);
      slot = usual === slot ? slotOf(firsts[pair]!, seconds[pair]!, other, slots) : usual;
    }
  }
  return at;
}

function slotOf(a: number, b: number, [first, second]: readonly [number, number], slots: number): number {
  return ((a * first + b * second) % crossPrime) % slots;
}

/** For each row of `ids` [rows, fields], the sum of the weights that pairs of its ids have, in float32; `of`: the places of the two ids of each pair. */
export function sumOfCrosses(
  ids: ArrayLike<number>,
  fields: number,
  of: readonly (readonly [number, number])[],
  { firsts, seconds, weights, multipliers }: CrossTable,
): Float32Array {
  const sums = new Float32Array(fields === 0 ? 0 : ids.length / fields);
  for (let row = 0; row < sums.length; row += 1) {
    for (const [one, other] of of) {
      const [a, b] = [ids[row * fields + one]!, ids[row * fields + other]!];
      for (const multiplier of multipliers) {
        const slot = slotOf(a, b, multiplier, weights.length);
        if (firsts[slot] !== a || seconds[slot] !== b) continue;
        sums[row]! += weights[slot]!;
        break;
      }
    }
  }
  return sums;
}
