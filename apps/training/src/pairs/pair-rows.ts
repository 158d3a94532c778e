import { evenPart } from '../data/even-part.ts';
import { copyRows, firstRows, type LoadedExamples, roomFor } from '../data/load-examples.ts';
import { oddsShift, type TrainingRows } from '../data/training-rows.ts';

/** Rows that are held, and bytes of their ids with the index of those, at most: an even part of more. */
const [mostHeldRows, mostHeldBytes] = [500_000, 2 ** 27] as const;

/** Training rows by id: which rows have it. */
export interface PairRows {
  readonly examples: LoadedExamples;
  /** Of id i the places in `rowsOfIds` from `starts[i]` to `starts[i + 1]`: [idRows + 1]. */
  readonly starts: Int32Array;
  readonly rowsOfIds: Int32Array;
  /** What is added to a logit to compare it with the labels, see `oddsShift`. */
  readonly shift: number;
}

/** Holds the training rows, or an even part of them. */
export async function pairRows(train: TrainingRows, idRows: number): Promise<PairRows> {
  const limit = Math.min(mostHeldRows, Math.ceil(mostHeldBytes / (8 * Math.max(1, train.fields))));
  const keeps = evenPart(train.rows, limit);
  let held: LoadedExamples | undefined;
  let [read, rows] = [0, 0];
  for await (const part of train.parts()) {
    held ??= roomFor(Math.min(train.rows, limit), part, {
      images: part.images !== undefined,
      weights: part.weights !== undefined,
    });
    for (let from = 0; from < part.rows; from += 1) {
      let take = 0;
      while (from + take < part.rows && keeps(read + from + take)) take += 1;
      copyRows(part, from, take, held, rows);
      rows += take;
      from += take;
    }
    read += part.rows;
    await new Promise(setImmediate);
  }
  if (held === undefined) throw new RangeError('there are no training rows');
  const examples = firstRows(held, rows);
  return { examples, ...indexOf(examples, idRows), shift: oddsShift(train) };
}

function indexOf({ ids, fields }: LoadedExamples, idRows: number): Pick<PairRows, 'starts' | 'rowsOfIds'> {
  const starts = new Int32Array(idRows + 1);
  for (const id of ids) starts[id + 1]! += 1;
  for (let id = 0; id < idRows; id += 1) starts[id + 1]! += starts[id]!;
  const next = starts.slice();
  const rowsOfIds = new Int32Array(ids.length);
  for (let at = 0; at < ids.length; at += 1) {
    const id = ids[at]!;
    rowsOfIds[next[id]!] = Math.floor(at / fields);
    next[id]! += 1;
  }
  return { starts, rowsOfIds };
}
