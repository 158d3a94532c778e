import { compareUtf8 } from './compare-utf8.ts';
import type { Aggregate, TrainingRows } from './aggregate.ts';
import type { Texts } from './texts.ts';

/** Distinct terms held at most while counting; all of a graph's figures together hold four times as many, see `GraphFitter`. */
const heldTerms = 2_097_152;

export interface TermCounts {
  /** By count, then by UTF-8 bytes. */
  readonly terms: readonly { readonly value: string; readonly count: number }[];
}

/**
 * Terms with their counts, the most frequent ones. Exact up to 2M distinct terms; beyond them the rarest are forgotten, again and again
 * (lossy counting: G. Manku, R. Motwani, 2002), and a count is short by at most the number of times that happened.
 */
export function countTerms(
  texts: Texts,
  options: { readonly limit: number; readonly minCount: number },
): Aggregate<TermCounts> {
  const counts = new Map<string, number>();
  let forgotten = 0;
  const count = (term: string): void => {
    counts.set(term, (counts.get(term) ?? 0) + 1);
  };
  const forget = (): void => {
    forgotten += 1;
    for (const [term, seen] of counts) if (seen <= forgotten) counts.delete(term);
  };
  return {
    terms: { count: () => counts.size, forget },
    add({ columns, rows }: TrainingRows) {
      for (let row = 0; row < rows; row += 1) {
        const found = texts(columns, row);
        if (found === null) continue;
        if (typeof found === 'string') count(found);
        else for (const term of found) count(term);
      }
      while (counts.size > heldTerms) forget();
    },
    result() {
      const terms = [];
      for (const [value, seen] of counts) if (seen >= options.minCount) terms.push({ value, count: seen });
      terms.sort((a, b) => b.count - a.count || compareUtf8(a.value, b.value));
      return { terms: terms.slice(0, options.limit) };
    },
  };
}
