import { foldCount } from '../folds.ts';
import { compareUtf8 } from './compare-utf8.ts';
import type { Aggregate, TrainingRows } from './aggregate.ts';
import type { Texts } from './texts.ts';

/** Terms held at most while counting. */
const heldTerms = 262_144;

/** Rows and positives of each fold: at 2 · fold and 2 · fold + 1. */
export type PerFold = Float64Array;

export interface FoldCounts {
  /** Of all rows. */
  readonly all: PerFold;
  /** The most frequent terms, by count, then by UTF-8 bytes. */
  readonly terms: readonly { readonly value: string; readonly perFold: PerFold }[];
}

/** Rows and positives of terms by fold. Exact up to 262,144 distinct terms; beyond them the rarest are forgotten, as by `countTerms`. */
export function foldCounts(
  texts: Texts,
  options: { readonly limit: number; readonly minCount: number },
): Aggregate<FoldCounts> {
  const counts = new Map<string, PerFold>();
  const all = new Float64Array(2 * foldCount);
  let forgotten = 0;
  const count = (to: PerFold, fold: number, label: number): void => {
    to[2 * fold]! += 1;
    to[2 * fold + 1]! += label;
  };
  return {
    add({ columns, rows, folds, labels }: TrainingRows) {
      for (let row = 0; row < rows; row += 1) {
        const [fold, label] = [folds[row]!, labels[row]!];
        count(all, fold, label);
        const text = texts(columns, row);
        for (const term of typeof text === 'string' ? [text] : (text ?? [])) {
          let own = counts.get(term);
          if (own === undefined) counts.set(term, (own = new Float64Array(2 * foldCount)));
          count(own, fold, label);
        }
      }
      while (counts.size > heldTerms) {
        forgotten += 1;
        for (const [term, own] of counts) if (rowsOf(own) <= forgotten) counts.delete(term);
      }
    },
    result() {
      const terms = [];
      for (const [value, perFold] of counts) {
        const rows = rowsOf(perFold);
        if (rows >= options.minCount) terms.push({ value, perFold, rows });
      }
      terms.sort((a, b) => b.rows - a.rows || compareUtf8(a.value, b.value));
      return { all, terms: terms.slice(0, options.limit) };
    },
  };
}

function rowsOf(perFold: PerFold): number {
  let rows = 0;
  for (let fold = 0; fold < foldCount; fold += 1) rows += perFold[2 * fold]!;
  return rows;
}
