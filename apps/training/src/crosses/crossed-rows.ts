import type { Turns } from '../pairs/turns.ts';
import { type IdRows, PairNumbers, type Places } from './pair-numbers.ts';

/** Crosses that are remembered, at most: of two features, and in all. */
const [mostOfFeatures, mostInAll] = [131_072, 262_144] as const;
/** Room for fewer is for features all of whose crosses fit into it. */
const leastRoom = 4096;

/** Training rows by the crosses of two features: pairs of ids that several of them have. */
export interface CrossedRows {
  readonly places: Places;
  /** By cross, its two ids; of the first, which all pairs share that are no crosses, −1. */
  readonly firsts: Int32Array;
  readonly seconds: Int32Array;
  /** Of cross c the rows are those in `rowsOf` from `starts[c]` to `starts[c + 1]`. */
  readonly starts: Int32Array;
  readonly rowsOf: Int32Array;
  /** The cross of each row to look at. */
  readonly shown: Int32Array;
}

/**
 * Crosses are pairs that at least two training rows have, more where too many have. All others share one: what holds for pairs that were seen once is the best guess
 * of what holds for those never seen. Source: I. Good, "The Population Frequencies of Species and the Estimation of Population Parameters", 1953.
 * Pairs of features for which no room is left are not there.
 */
export async function crossedRows(
  train: IdRows,
  shown: IdRows,
  of: readonly Places[],
  turns: Turns,
): Promise<readonly CrossedRows[]> {
  const numbers = new PairNumbers(train.rows);
  const own = new Int32Array(train.rows);
  let left: number = mostInAll;
  const held: CrossedRows[] = [];
  for (const places of of) {
    numbers.number(train, places, own);
    const crossOf = crossesOf(own, numbers.count, Math.min(mostOfFeatures, left));
    if (turns.areDue(4 * train.rows)) await turns.take();
    if (crossOf.count === 1 || (crossOf.fewest > 2 && left < leastRoom)) continue;
    left -= crossOf.count - 1;
    const { fields, ids } = shown;
    held.push({
      places,
      ...idsOf(numbers, crossOf),
      ...rowsByCross(own, crossOf),
      shown: Int32Array.from({ length: shown.rows }, (_, row) => {
        const number = numbers.find(ids[row * fields + places[0]]!, ids[row * fields + places[1]]!);
        return number < 0 ? 0 : crossOf.byNumber[number]!;
      }),
    });
  }
  return held;
}

/** By a pair's number its cross, 0 for what is none. */
interface CrossOf {
  readonly count: number;
  readonly byNumber: Int32Array;
  /** Rows that each cross has, at least. */
  readonly fewest: number;
}

/** At most `most` crosses: pairs that the fewest rows have, two at least, of which there are not too many. */
function crossesOf(own: Int32Array, pairs: number, most: number): CrossOf {
  const rows = new Int32Array(pairs);
  let mostRows = 0;
  for (const number of own) {
    rows[number]! += 1;
    mostRows = Math.max(mostRows, rows[number]!);
  }
  // How many pairs have so many rows.
  const having = new Int32Array(mostRows + 1);
  for (const one of rows) having[one]! += 1;
  let fewest = mostRows + 1;
  for (let left = most; fewest > 2 && having[fewest - 1]! <= left; fewest -= 1) left -= having[fewest - 1]!;
  const byNumber = new Int32Array(pairs);
  let count = 1;
  for (let number = 0; number < pairs; number += 1) {
    if (rows[number]! < fewest) continue;
    byNumber[number] = count;
    count += 1;
  }
  return { count, byNumber, fewest };
}

function idsOf(numbers: PairNumbers, { count, byNumber }: CrossOf): Pick<CrossedRows, 'firsts' | 'seconds'> {
  const [firsts, seconds] = [new Int32Array(count).fill(-1), new Int32Array(count).fill(-1)];
  for (const [number, cross] of byNumber.entries())
    if (cross > 0) [firsts[cross], seconds[cross]] = numbers.pairOf(number);
  return { firsts, seconds };
}

function rowsByCross(own: Int32Array, { count, byNumber }: CrossOf): Pick<CrossedRows, 'starts' | 'rowsOf'> {
  const starts = new Int32Array(count + 1);
  for (const number of own) starts[byNumber[number]! + 1]! += 1;
  for (let cross = 0; cross < count; cross += 1) starts[cross + 1]! += starts[cross]!;
  const [next, rowsOf] = [starts.slice(), new Int32Array(own.length)];
  for (let row = 0; row < own.length; row += 1) {
    const cross = byNumber[own[row]!]!;
    rowsOf[next[cross]!] = row;
    next[cross]! += 1;
  }
  return { starts, rowsOf };
}
