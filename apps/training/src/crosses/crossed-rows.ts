import type { LoadedExamples } from '../data/load-examples.ts';
import type { Turns } from '../pairs/turns.ts';
import { type IdRows, PairNumbers, type Places } from './pair-numbers.ts';

/** Pairs of ids that are remembered, at most: of two features, and in all. */
const [mostOfFeatures, mostInAll] = [131_072, 196_608] as const;
/** Room for fewer is for features all of whose crosses fit into it. */
const leastRoom = 4096;
/** Of features in whose crosses fewer of the rows are, none is remembered. */
const leastShare = 0.01;

/** What a row's pair may be before it is a cross: never seen; seen in one training row, by its label; of an id that no training row has. */
export const [never, once, unknown, firstCross] = [0, 1, 3, 4] as const;

/** Training rows by the crosses of two features: pairs of ids that several of them have. */
export interface CrossedRows {
  readonly places: Places;
  /** By cross, from {@link firstCross}, its two ids. */
  readonly firsts: Int32Array;
  readonly seconds: Int32Array;
  /** Of cross c the rows are those in `rowsOf` from `starts[c]` to `starts[c + 1]`. {@link never} has those whose pair is in one row: without that row it was never seen. */
  readonly starts: Int32Array;
  readonly rowsOf: Int32Array;
  /** Pairs of one row that are remembered too: their ids, and the row's label. */
  readonly onceFirsts: Int32Array;
  readonly onceSeconds: Int32Array;
  readonly onceLabels: Uint8Array;
  /** The cross of each row to look at, or what it is instead. */
  readonly shown: Int32Array;
}

/**
 * Crosses are pairs that at least two training rows have, or that count as two by their weights; where too many are, those that most rows have. Pairs of one row are the best guess
 * of what holds for those never seen. Source: I. Good, "The Population Frequencies of Species and the Estimation of Population Parameters", 1953.
 * Pairs of features for which no room is left are not there. `known`: whether training rows have an id.
 */
export async function crossedRows(
  train: LoadedExamples,
  shown: IdRows,
  of: readonly Places[],
  { known, turns }: { readonly known: (id: number) => boolean; readonly turns: Turns },
): Promise<readonly CrossedRows[]> {
  const numbers = new PairNumbers(train.rows);
  const own = new Int32Array(train.rows);
  const takeTurn = async (): Promise<void> => {
    if (turns.areDue(4 * train.rows)) await turns.take();
  };
  let left: number = mostInAll;
  const held: CrossedRows[] = [];
  for (const places of of) {
    numbers.number(train, places, own);
    await takeTurn();
    const kinds = kindsOf(own, numbers.count, train, Math.min(mostOfFeatures, left));
    await takeTurn();
    if (kinds.rows < leastShare * train.rows || (!kinds.all && left < leastRoom)) continue;
    const ids = idsOf(numbers, kinds);
    left -= ids.firsts.length - firstCross + ids.onceFirsts.length;
    const rows = rowsByCross(own, kinds);
    await takeTurn();
    const kindOf = (first: number, second: number): number => {
      const number = numbers.find(first, second);
      if (number >= 0) return kinds.byNumber[number]!;
      return known(first) && known(second) ? never : unknown;
    };
    const shownKinds = new Int32Array(shown.rows);
    for (let row = 0; row < shown.rows; row += 1)
      shownKinds[row] = kindOf(shown.ids[row * shown.fields + places[0]]!, shown.ids[row * shown.fields + places[1]]!);
    held.push({ places, ...ids, ...rows, shown: shownKinds });
  }
  return held;
}

interface Kinds {
  /** By a pair's number its cross, or that it was seen {@link once}; {@link never} where there is no room for it. */
  readonly byNumber: Int32Array;
  readonly crosses: number;
  /** Rows of crosses. */
  readonly rows: number;
  /** By number, rows that the pair has. */
  readonly seen: Int32Array;
  /** Whether there is room for all crosses. */
  readonly all: boolean;
}

function kindsOf(own: Int32Array, pairs: number, { labels, weights }: LoadedExamples, most: number): Kinds {
  const seen = new Int32Array(pairs);
  const counts = new Float32Array(pairs);
  const clicked = new Uint8Array(pairs);
  for (let row = 0; row < own.length; row += 1) {
    const number = own[row]!;
    seen[number]! += 1;
    counts[number]! += weights === undefined ? 1 : weights[row]!;
    clicked[number] = labels[row]!;
  }
  const isCross = (number: number): boolean => seen[number]! > 1 || counts[number]! >= 2;
  let wanted = 0;
  for (let number = 0; number < pairs; number += 1) if (isCross(number)) wanted += 1;
  const all = wanted <= most;
  // From the pairs that most rows have; of those that as many have, from the first.
  const order = Int32Array.from({ length: pairs }, (_, number) => number).filter(isCross);
  const taken = all ? order : order.sort((one, other) => seen[other]! - seen[one]! || one - other).subarray(0, most);
  const byNumber = new Int32Array(pairs);
  let rows = 0;
  for (const [at, number] of taken.entries()) {
    byNumber[number] = firstCross + at;
    rows += seen[number]!;
  }
  let left = most - taken.length;
  for (const label of [1, 0]) {
    for (let number = 0; number < pairs && left > 0; number += 1) {
      if (isCross(number) || clicked[number] !== label) continue;
      byNumber[number] = once + label;
      left -= 1;
    }
  }
  return { byNumber, crosses: taken.length, rows, seen, all };
}

function idsOf(
  numbers: PairNumbers,
  { byNumber, crosses }: Kinds,
): Pick<CrossedRows, 'firsts' | 'seconds' | 'onceFirsts' | 'onceSeconds' | 'onceLabels'> {
  const ofOnce = byNumber.reduce((count, kind) => (kind === once || kind === once + 1 ? count + 1 : count), 0);
  const ids = {
    firsts: new Int32Array(firstCross + crosses).fill(-1),
    seconds: new Int32Array(firstCross + crosses).fill(-1),
    onceFirsts: new Int32Array(ofOnce),
    onceSeconds: new Int32Array(ofOnce),
    onceLabels: new Uint8Array(ofOnce),
  };
  let next = 0;
  for (let number = 0; number < byNumber.length; number += 1) {
    const kind = byNumber[number]!;
    if (kind === never) continue;
    const [first, second] = numbers.pairOf(number);
    if (kind >= firstCross) [ids.firsts[kind], ids.seconds[kind]] = [first, second];
    else {
      [ids.onceFirsts[next], ids.onceSeconds[next], ids.onceLabels[next]] = [first, second, kind - once];
      next += 1;
    }
  }
  return ids;
}

/** Rows of pairs for which there is no room are nowhere: they were seen, and nothing is remembered of them. */
function rowsByCross(own: Int32Array, { byNumber, crosses, seen }: Kinds): Pick<CrossedRows, 'starts' | 'rowsOf'> {
  const starts = new Int32Array(firstCross + crosses + 1);
  const placeOf = (number: number): number => {
    const kind = byNumber[number]!;
    if (kind >= firstCross) return kind;
    return seen[number] === 1 ? never : -1;
  };
  for (let row = 0; row < own.length; row += 1) {
    const place = placeOf(own[row]!);
    if (place >= 0) starts[place + 1]! += 1;
  }
  for (let cross = 0; cross + 1 < starts.length; cross += 1) starts[cross + 1]! += starts[cross]!;
  const [next, rowsOf] = [starts.slice(), new Int32Array(starts[starts.length - 1]!)];
  for (let row = 0; row < own.length; row += 1) {
    const place = placeOf(own[row]!);
    if (place < 0) continue;
    rowsOf[next[place]!] = row;
    next[place]! += 1;
  }
  return { starts, rowsOf };
}
