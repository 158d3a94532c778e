import { z } from 'zod';
import { countTerms, type TermCounts } from '../aggregates/count-terms.ts';
import type { Aggregate } from '../aggregates/aggregate.ts';
import type { Texts } from '../aggregates/texts.ts';
import { hashBucket } from '../exact/fingerprint-64.ts';
import { type AnyOperation, defineOperation, type RowWriter } from '../operation.ts';
import { indexTexts } from '../steps.ts';

/** What every operation with a vocabulary may be told. */
export const termParameters = {
  /** Terms it holds at most: the most frequent ones. */
  limit: z.int().min(1).max(2_000_000).default(50_000),
  /** Rows a term must be seen in. */
  minCount: z.int().min(1).default(5),
  /** Buckets that all other values share by hash; left out, a tenth of the terms, 1 to 1000. */
  oovBuckets: z.int().min(0).max(1_000_000).optional(),
};

interface TermParameters {
  readonly limit: number;
  readonly minCount: number;
  readonly oovBuckets?: number | undefined;
}

interface TermState<P> {
  /** By count, then by bytes. */
  readonly terms: readonly string[];
  readonly oovBuckets: number;
  readonly parameters: P;
}

/**
 * A vocabulary over a row's text, or over its texts with `slots` of them a row. Ids: 0 missing or padding, then the terms, then the
 * buckets of what is not among them, by hash as TensorFlow's StaticVocabularyTable.
 */
export function termOperation<P extends TermParameters>(of: {
  readonly name: string;
  readonly summary: string;
  readonly parameters: z.ZodType<P>;
  readonly ofNames?: true;
  readonly ofLists?: true;
  readonly takes?: (parameters: P) => readonly string[];
  readonly texts: (parameters: P) => Texts;
  readonly slots?: (parameters: P) => number;
}): AnyOperation {
  const slotsOf = of.slots ?? (() => 1);
  return defineOperation<P, { readonly counts: Aggregate<TermCounts> }, TermState<P>>({
    ...of,
    needs: (parameters) => ({ counts: countTerms(of.texts(parameters), parameters) }),
    fit({ counts }, parameters) {
      const terms = counts.terms.map(({ value }) => value);
      const oovBuckets = parameters.oovBuckets ?? Math.max(1, Math.min(1000, Math.ceil(terms.length / 10)));
      return {
        slots: slotsOf(parameters),
        size: 1 + terms.length + oovBuckets,
        ...(oovBuckets === 0 ? {} : { unknown: { first: 1 + terms.length, count: oovBuckets } }),
        dims: 0,
        state: { terms, oovBuckets, parameters },
      };
    },
    names: ({ terms }) => terms,
    *compile({ terms, oovBuckets, parameters }) {
      const known = yield* indexTexts(terms, (place) => place + 1);
      const firstBucket = terms.length + 1;
      return idsOfTexts(
        of.texts(parameters),
        (text) => known.get(text) ?? (oovBuckets === 0 ? 0 : firstBucket + hashBucket(text, oovBuckets)),
        slotsOf(parameters),
      );
    },
  });
}

/** Writes the ids of a row's text, or of the first `slots` of its texts; 0 where there are none, or fewer. */
export function idsOfTexts(texts: Texts, idOf: (text: string) => number, slots: number): RowWriter {
  return {
    ids(columns, row, out, at) {
      const found = texts(columns, row);
      if (found === null) return;
      if (typeof found === 'string') {
        out[at] = idOf(found);
        return;
      }
      const count = Math.min(slots, found.length);
      for (let each = 0; each < count; each += 1) out[at + each] = idOf(found[each]!);
    },
  };
}
