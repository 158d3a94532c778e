/** A change that changes nothing that can be seen, and why. */
export interface Accepted {
  /** Below libs/transforms/src/lib. */
  readonly path: string;
  /** As the campaign says it, without the line. */
  readonly what: string;
  readonly why: string;
}

const wellFormed = 'values are well-formed Unicode before they come here';
const bounded = 'a bound of what is held in memory';

export const accepted: readonly Accepted[] = [
  { path: 'hash-32.ts', what: '0xe000 becomes 57345', why: wellFormed },
  { path: 'hash-32.ts', what: '0xdc00 becomes 56321', why: wellFormed },
  { path: 'hash-32.ts', what: '< becomes <=', why: wellFormed },
  { path: 'exact/fingerprint-64.ts', what: '> becomes >=', why: 'a byte of 7 bits is written alike by the encoder' },
  {
    path: 'exact/exponential.ts',
    what: '709.782712893384 becomes 709.7833897949275',
    why: 'between them the product is infinite by itself',
  },
  {
    path: 'exact/exponential.ts',
    what: '0.5 becomes 0.5000004768371582',
    why: 'next to the middle between two powers of 2 either is within the bound on the error',
  },
  {
    path: 'parse-time.ts',
    what: '16 becomes 17',
    why: 'what is not of the plain form is read by the other reader, alike',
  },
  { path: 'families/split-text.ts', what: '1 becomes 2', why: 'below zero is no place, whatever the number' },
  { path: 'aggregates/count-terms.ts', what: '21 becomes 22', why: bounded },
  { path: 'aggregates/fold-counts.ts', what: '> becomes >=', why: bounded },
];
