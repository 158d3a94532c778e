import { splitMix32 } from './split-mix-32.ts';

/** Weights of pairs of ids in a hash table of two halves: a pair lies at its slot in the first or at its slot in the second, so that it is found by looking twice. */
export interface CrossTable {
  /** By slot, the two ids of a pair; −1 where a slot is empty. */
  readonly firsts: Float32Array;
  readonly seconds: Float32Array;
  readonly weights: Float32Array;
  /** Of each half its hash function, see {@link slotsOf}. */
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
/** Pairs that may be moved to their other slot for one that comes in, before other hash functions are drawn, and how often these are. */
const [mostMoves, mostDraws] = [500, 100] as const;

/** Slots for so many pairs: a power of two, so that at most two fifths of them are taken. From a half on there is no way to lay all of them. */
export function crossSlots(pairs: number): number {
  return 2 ** Math.ceil(Math.log2(2.5 * Math.max(1, pairs)));
}

/**
 * Lays pairs into {@link crossSlots} slots. Source: R. Pagh and F. Rodler, "Cuckoo Hashing", 2004; the hash functions are those of
 * L. Carter and M. Wegman, "Universal Classes of Hash Functions", 1979. Throws `RangeError` for ids below 0, for ids of {@link crossIdLimit} and more, and for a
 * pair that is there several times.
 */
export function crossTable({ firsts, seconds, weights }: Crosses): CrossTable {
  const slots = crossSlots(firsts.length);
  for (const ids of [firsts, seconds])
    for (let at = 0; at < ids.length; at += 1)
      if (!(ids[at]! >= 0 && ids[at]! < crossIdLimit))
        throw new RangeError(`id ${ids[at]!} does not fit in a table of crosses`);
  const bits = splitMix32(slots);
  const drawn = (): number => 1 + (bits() % (multiplierLimit - 1));
  for (let draws = 0; draws < mostDraws; draws += 1) {
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
  throw new RangeError(`${firsts.length} crosses don't fit in a table of ${slots}: is one there several times?`);
}

/** Which pair lies in each slot, −1 for none; undefined where these functions don't do. Throws `RangeError` where a pair meets itself. */
function laid(
  firsts: ArrayLike<number>,
  seconds: ArrayLike<number>,
  slots: number,
  multipliers: CrossMultipliers,
): Int32Array | undefined {
  const at = new Int32Array(slots).fill(-1);
  for (let next = 0; next < firsts.length; next += 1) {
    let pair = next;
    let half = 0;
    for (let moves = 0; ; moves += 1) {
      if (moves === mostMoves) return undefined;
      const slot = slotOf(firsts[pair]!, seconds[pair]!, multipliers, half, slots);
      const before = at[slot]!;
      if (before >= 0 && firsts[before] === firsts[pair] && seconds[before] === seconds[pair])
        throw new RangeError(`the cross of ${firsts[pair]!} and ${seconds[pair]!} is there several times`);
      at[slot] = pair;
      if (before < 0) break;
      pair = before;
      half = slot < slots / 2 ? 1 : 0;
    }
  }
  return at;
}

/** By what a hash below {@link crossPrime} is multiplied to give, rounded down, a slot of a half. */
export function crossScale(slots: number): number {
  return slots / 2 / crossPrime;
}

/** half · slots ÷ 2 + ⌊((m · a + n · b) mod p) · scale⌋, m and n the half's multipliers. */
function slotOf(a: number, b: number, multipliers: CrossMultipliers, half: number, slots: number): number {
  const [first, second] = multipliers[half]!;
  return half * (slots / 2) + Math.floor(((a * first + b * second) % crossPrime) * crossScale(slots));
}

/** What is said of pairs by their places in a row. */
export interface CrossedPlaces {
  /** Of each pair of features, the places of their ids. */
  readonly of: readonly (readonly [number, number])[];
  /** For each of them, what holds for a pair whose ids are both known; the table's weights come on top. */
  readonly usual: ArrayLike<number>;
  /** By id, whether it is known: 1 or 0. */
  readonly known: ArrayLike<number>;
}

/** For each row of `ids` [rows, fields], what is said of the pairs of its ids, in float32. */
export function sumOfCrosses(
  ids: ArrayLike<number>,
  fields: number,
  { of, usual, known }: CrossedPlaces,
  { firsts, seconds, weights, multipliers }: CrossTable,
): Float32Array {
  const sums = new Float32Array(fields === 0 ? 0 : ids.length / fields);
  for (let row = 0; row < sums.length; row += 1) {
    for (const [at, [one, other]] of of.entries()) {
      const [a, b] = [ids[row * fields + one]!, ids[row * fields + other]!];
      sums[row]! += usual[at]! * known[a]! * known[b]!;
      for (const half of [0, 1]) {
        const slot = slotOf(a, b, multipliers, half, weights.length);
        if (firsts[slot] === a && seconds[slot] === b) sums[row]! += weights[slot]!;
      }
    }
  }
  return sums;
}
