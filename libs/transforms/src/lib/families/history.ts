import type { z } from 'zod';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { type FoldCounts, foldCounts, type PerFold } from '../aggregates/fold-counts.ts';
import { foldCount, type Folds } from '../folds.ts';
import { type AnyOperation, defineOperation } from '../operation.ts';
import { indexTexts } from '../steps.ts';
import { joinedText, joinedTexts } from './joined-text.ts';

/** Rows, and positives among them: of one term, and of all terms. */
export interface Seen {
  readonly rows: number;
  readonly positives: number;
  readonly allRows: number;
  readonly allPositives: number;
}

interface HistoryState {
  /** By count, then by bytes. */
  readonly terms: readonly string[];
  /** One a term. */
  readonly values: readonly number[];
}

interface HistoryParameters {
  readonly limit: number;
  readonly minCount: number;
  readonly with?: readonly string[] | undefined;
}

/**
 * A number about a value's past: served values get the figure over all training rows; a training row gets that over the folds that it
 * may see, so that its own label is not in it. 0 where the value is missing, unknown or without a past.
 */
export function historyOperation<P extends HistoryParameters>(of: {
  readonly name: string;
  readonly summary: string;
  readonly parameters: z.ZodType<P>;
  readonly value: (seen: Seen, parameters: P) => number;
}): AnyOperation {
  return defineOperation<P, { readonly counts: Aggregate<FoldCounts> }, HistoryState>({
    ...of,
    ofNames: true,
    takes: (parameters) => parameters.with ?? [],
    needs: (parameters) => ({ counts: foldCounts(joinedTexts, parameters) }),
    fit({ counts: { all, terms } }, parameters) {
      const values = terms.map(({ perFold }) =>
        of.value(
          sum(perFold, all, () => true),
          parameters,
        ),
      );
      return { slots: 0, size: 0, dims: 1, state: { terms: terms.map(({ value }) => value), values } };
    },
    *compile({ terms, values }) {
      const known = yield* indexTexts(terms, (place) => values[place]!);
      return {
        numbers(columns, row, out, at) {
          const text = joinedText(columns, row, columns.length);
          out[at] = text === null ? 0 : (known.get(text) ?? 0);
        },
      };
    },
    compileTraining({ counts: { all, terms } }, parameters, folds: Folds) {
      const own = 1 + (parameters.with?.length ?? 0);
      const known = new Map(
        terms.map(({ value, perFold }) => {
          const values = Float64Array.from({ length: foldCount }, (_, fold) => {
            const seen = sum(perFold, all, (other) => folds.sees(fold, other));
            return seen.rows === 0 ? 0 : of.value(seen, parameters);
          });
          return [value, values];
        }),
      );
      return {
        numbers(columns, row, out, at) {
          const text = joinedText(columns, row, own);
          const values = text === null ? undefined : known.get(text);
          out[at] = values === undefined ? 0 : values[folds.at(columns[own], columns[own + 1], row)]!;
        },
      };
    },
  });
}

function sum(own: PerFold, all: PerFold, sees: (fold: number) => boolean): Seen {
  let [rows, positives, allRows, allPositives] = [0, 0, 0, 0];
  for (let fold = 0; fold < foldCount; fold += 1) {
    if (!sees(fold)) continue;
    rows += own[2 * fold]!;
    positives += own[2 * fold + 1]!;
    allRows += all[2 * fold]!;
    allPositives += all[2 * fold + 1]!;
  }
  return { rows, positives, allRows, allPositives };
}
