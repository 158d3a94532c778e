import { z } from 'zod';
import type { Texts } from '../aggregates/texts.ts';
import { hashBucket } from '../exact/fingerprint-64.ts';
import { type AnyOperation, defineOperation } from '../operation.ts';
import { idsOfTexts } from './terms.ts';

/** What every operation that hashes may be told. */
export const hashParameters = {
  /** Buckets that values share by hash. */
  buckets: z.int().min(1).max(10_000_000).default(10_000),
};

/**
 * Texts to buckets by FarmHash's fingerprint, as TensorFlow's `to_hash_bucket_fast`, with nothing to fit. Ids: 0 missing or padding,
 * then the buckets.
 */
export function hashOperation<P extends { readonly buckets: number }>(of: {
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
  return defineOperation<P, Record<never, never>, P>({
    ...of,
    needs: () => ({}),
    fit: (_, parameters) => ({ slots: slotsOf(parameters), size: 1 + parameters.buckets, dims: 0, state: parameters }),
    compile: (parameters) =>
      idsOfTexts(of.texts(parameters), (text) => 1 + hashBucket(text, parameters.buckets), slotsOf(parameters)),
  });
}
