import { evenPart } from '../data/even-part.ts';
import { copyRows, firstRows, type LoadedExamples, roomFor } from '../data/load-examples.ts';
import { oddsShift, type RowsInOrder } from '../data/training-rows.ts';
import type { Turns } from './turns.ts';

/** Rows that are held, and bytes of their ids with the index of those, at most: an even part of more. */
const [mostHeldRows, mostHeldBytes] = [500_000, 2 ** 27] as const;

/** Training rows by id: which rows have it. */
export interface PairRows {
  /** Without their numbers. */
  readonly examples: LoadedExamples;
  /** What is said of each row by what stays as it is. */
  readonly offsets: Float32Array;
  /** Of id i the places in `rowsOfIds` from `starts[i]` to `starts[i + 1]`: [idRows + 1]. */
  readonly starts: Int32Array;
  /** Each row once, however often it has the id. */
  readonly rowsOfIds: Int32Array;
  /** How often: a list may hold a value twice, and values that no vocabulary names share their ids. As floats: integers would be converted in every step. */
  readonly times: Float32Array;
  /** What is added to a logit to compare it with the labels, see `oddsShift`. */
  readonly shift: number;
}

/** Holds the training rows, or an even part of them. */
export async function pairRows(
  train: RowsInOrder,
  idRows: number,
  offsetsOf: (examples: LoadedExamples) => Float32Array,
  turns: Turns,
): Promise<PairRows> {
  const limit = Math.min(mostHeldRows, Math.ceil(mostHeldBytes / (8 * Math.max(1, train.fields))));
  const keeps = evenPart(train.rows, limit);
  const offsets = new Float32Array(Math.min(train.rows, limit));
  let held: LoadedExamples | undefined;
  let [read, rows] = [0, 0];
  for await (const part of train.parts()) {
    const bare = { ...part, dense: new Float32Array(), denseWidth: 0 };
    held ??= roomFor(offsets.length, bare, { images: part.images !== undefined, weights: part.weights !== undefined });
    const said = offsetsOf(part);
    for (let from = 0; from < part.rows; from += 1) {
      let take = 0;
      while (from + take < part.rows && keeps(read + from + take)) take += 1;
      copyRows(bare, from, take, held, rows);
      offsets.set(said.subarray(from, from + take), rows);
      rows += take;
      from += take;
    }
    read += part.rows;
    await turns.take();
  }
  if (held === undefined) throw new RangeError('there are no training rows');
  const examples = firstRows(held, rows);
  const index = await indexOf(examples, idRows, turns);
  return { examples, offsets: offsets.subarray(0, rows), ...index, shift: oddsShift(train) };
}

async function indexOf(
  { ids, fields, rows }: LoadedExamples,
  idRows: number,
  turns: Turns,
): Promise<Pick<PairRows, 'starts' | 'rowsOfIds' | 'times'>> {
  const next = new Int32Array(idRows + 1);
  for (const id of ids) next[id + 1]! += 1;
  for (let id = 0; id < idRows; id += 1) next[id + 1]! += next[id]!;
  const [rowsOfIds, times] = [new Int32Array(ids.length), new Float32Array(ids.length)];
  const starts = next.slice();
  for (let row = 0; row < rows; row += 1) {
    for (let at = row * fields; at < (row + 1) * fields; at += 1) {
      const id = ids[at]!;
      const place = next[id]!;
      if (place > starts[id]! && rowsOfIds[place - 1] === row) times[place - 1]! += 1;
      else {
        [rowsOfIds[place], times[place]] = [row, 1];
        next[id] = place + 1;
      }
    }
    if (turns.areDue(fields)) await turns.take();
  }
  return closedUp(starts, next, rowsOfIds, times);
}

/** Without the room that ids leave which a row has more than once. */
function closedUp(
  starts: Int32Array,
  ends: Int32Array,
  rowsOfIds: Int32Array,
  times: Float32Array,
): Pick<PairRows, 'starts' | 'rowsOfIds' | 'times'> {
  const closed = new Int32Array(starts.length);
  let to = 0;
  for (let id = 0; id + 1 < starts.length; id += 1) {
    const [from, end] = [starts[id]!, ends[id]!];
    closed[id] = to;
    rowsOfIds.copyWithin(to, from, end);
    times.copyWithin(to, from, end);
    to += end - from;
  }
  closed[starts.length - 1] = to;
  return { starts: closed, rowsOfIds: rowsOfIds.subarray(0, to), times: times.subarray(0, to) };
}
