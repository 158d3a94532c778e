/**
 * What becomes of a personal column's values before anything stores or logs them: a pseudonym by a keyed hash, or, of a number, the
 * lower end of its bucket of this width. (A column that is dropped is not there at all.)
 */
export type PersonalRule = 'hash' | { readonly bucket: number };

/** Lower end of the bucket of a number: 37 is 30 where buckets are 10 wide. Missing (NaN) stays missing. */
export function bucketOf(value: number, width: number): number {
  return Math.floor(value / width) * width;
}
