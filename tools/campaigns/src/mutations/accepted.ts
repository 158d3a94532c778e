/** A change that changes nothing that can be seen, and why. */
export interface Accepted {
  /** Below libs/transforms/src/lib. */
  readonly path: string;
  /** As the campaign says it, without the line. */
  readonly what: string;
  /** Part of the line, where the same change is seen elsewhere in the file. */
  readonly in?: string;
  readonly why: string;
}

const wellFormed = 'values are well-formed Unicode before they come here';
const bounded = 'a bound of what is held in memory';

const itself = 'a number is replaced by its equal';
const grows = 'room that grows as it is needed';
const belowHalf = 'beyond it the product is less than half of the smallest double, which is 0 by itself';
const twoSteps = 'with that exponent one step and two give the same double';
const alike = 'both ways of telling them apart find the same';
const behindARow = 'what is behind the end of a row is summed from nothing, and overwritten or not written';
const counted = 'counts are compared with each other alone';

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
  { path: 'exact/exponential.ts', what: '< becomes <=', in: '745.1', why: belowHalf },
  { path: 'exact/exponential.ts', what: '745.1332191019412 becomes 745.1339297163546', why: belowHalf },
  { path: 'exact/exponential.ts', what: '> becomes >=', in: 'k > 1023', why: twoSteps },
  { path: 'exact/exponential.ts', what: '< becomes <=', in: 'k < -1021', why: twoSteps },
  { path: 'exact/exponential.ts', what: '1021 becomes 1022', why: twoSteps },
  {
    path: 'exact/exponential.ts',
    what: '> becomes >=',
    in: 'exponent > 0',
    why: 'an exponent of 0 is a case of its own',
  },
  { path: 'exact/double-bits.ts', what: '8 becomes 9', in: 'ArrayBuffer', why: 'the ninth byte is never read' },
  {
    path: 'exact/double-bits.ts',
    what: '< becomes <=',
    in: 'subnormal',
    why: 'the least normal number is brought up by 2^54 and its exponent down by 54',
  },
  { path: 'exact/fingerprint-64.ts', what: '1024 becomes 1025', why: grows },
  { path: 'exact/fingerprint-64.ts', what: '< becomes <=', in: 'bytes.length', why: grows },
  { path: 'exact/fingerprint-64.ts', what: '3 becomes 4', in: 'bytes.length', why: grows },
  {
    path: 'exact/fingerprint-64.ts',
    what: '< becomes <=',
    in: 'index < text.length',
    why: 'what is written behind the last byte is not read',
  },
  {
    path: 'exact/exponential.ts',
    what: '0.5 becomes 0.5000004768371582',
    why: 'next to the middle between two powers of 2 either is within the bound on the error',
  },
  { path: 'families/numbers.ts', what: '> becomes >=', in: 'largest', why: itself },
  { path: 'families/numbers.ts', what: '< becomes <=', in: 'largest', why: itself },
  { path: 'families/scaled.ts', what: '> becomes >=', in: 'cutDeviations', why: itself },
  { path: 'families/scaled.ts', what: '< becomes <=', in: 'cutDeviations', why: itself },
  { path: 'families/split-text.ts', what: '> becomes >=', in: 'texts.length', why: alike },
  { path: 'families/split-text.ts', what: '16 becomes 17', in: 'texts.length', why: alike },
  { path: 'families/split-text.ts', what: '64 becomes 65', in: 'fewRuns', why: alike },
  { path: 'families/split-text.ts', what: '> becomes >=', in: 'fewRuns', why: alike },
  { path: 'families/split-text.ts', what: '> becomes >=', in: 'farthest', why: 'what is cut off there is nothing' },
  {
    path: 'families/split-text.ts',
    what: '2 becomes 3',
    in: 'farthest',
    why: 'more of it is cut off where runs are made',
  },
  {
    path: 'families/split-text.ts',
    what: '< becomes <=',
    in: 'charCodeAt',
    why: 'behind the end there is no letter either',
  },
  { path: 'families/split-text.ts', what: '0x20 becomes 33', why: 'an exclamation mark ends a word as a blank does' },
  { path: 'families/split-text.ts', what: '1 becomes 2', why: 'below zero is no place, whatever the number' },
  { path: 'aggregates/count-terms.ts', what: '2_097_152 becomes 2097153', why: bounded },
  { path: 'aggregates/count-terms.ts', what: '> becomes >=', in: 'heldTerms', why: bounded },
  { path: 'aggregates/fold-counts.ts', what: '262_144 becomes 262145', why: bounded },
  { path: 'aggregates/fold-counts.ts', what: '> becomes >=', in: 'heldTerms', why: bounded },
  {
    path: 'aggregates/fold-counts.ts',
    what: '<= becomes <',
    in: 'forgotten',
    why: 'one round more lets the same ones go, the first time as ever after',
  },
  { path: 'aggregates/moments.ts', what: '< becomes <=', in: 'min = value', why: itself },
  { path: 'aggregates/moments.ts', what: '> becomes >=', in: 'max = value', why: itself },
  { path: 'aggregates/quantiles.ts', what: '4096 becomes 4097', in: 'values', why: grows },
  { path: 'aggregates/quantiles.ts', what: '4096 becomes 4097', in: 'hashes', why: grows },
  { path: 'aggregates/quantiles.ts', what: '2 becomes 3', in: 'held * 2', why: grows },
  { path: 'aggregates/quantiles.ts', what: '>= becomes >', in: 'limit', why: 'one row of 4 billion is drawn or not' },
  { path: 'aggregates/time-format.ts', what: '0 becomes 1', in: 'largest', why: 'it is compared with 10^11 alone' },
  {
    path: 'aggregates/time-format.ts',
    what: '< becomes <=',
    in: 'row < rows',
    why: 'behind the last cell there is none',
  },
  { path: 'aggregates/time-format.ts', what: '0 becomes 1', in: 'counts.set', why: counted },
  { path: 'aggregates/time-format.ts', what: '1 becomes 2', in: 'counts.set', why: counted },
  {
    path: 'operations/age.ts',
    what: '1 becomes 2',
    in: 'formats.length',
    why: 'there is one format, or more than two',
  },
  { path: 'operations/age.ts', what: '< becomes <=', in: 'days < 0', why: 'the logarithm of 1 is 0 either way' },
  { path: 'operations/log1p.ts', what: '< becomes <=', why: 'the logarithm of 1 is 0 either way' },
  { path: 'operations/clip.ts', what: '< becomes <=', in: 'value < min', why: itself },
  { path: 'operations/clip.ts', what: '> becomes >=', in: 'value > max', why: itself },
  {
    path: 'operations/impute.ts',
    what: '0 becomes 1',
    in: 'median[0] ?? 0',
    why: 'where there is a mean there is a median',
  },
  { path: 'operations/magnitude.ts', what: '< becomes <=', in: 'value < 0', why: '0 is a bucket of its own' },
  { path: 'operations/min-max.ts', what: '>= becomes >', why: 'the quotient of the largest is 1' },
  { path: 'operations/winsorize.ts', what: '<= becomes <', why: 'at the lower quantile the line is at −1' },
  { path: 'operations/winsorize.ts', what: '>= becomes >', why: 'at the upper quantile the line is at 1' },
  { path: 'exact/u64.ts', what: '> becomes >=', in: 'by > 32', why: 'nothing is rotated by 32' },
  { path: 'prepare-image.ts', what: '3 becomes 4', in: 'new Float64Array(size * 3)', why: behindARow },
  {
    path: 'prepare-image.ts',
    what: '< becomes <=',
    in: 'y < size',
    why: 'behind the last row there is nothing to write to',
  },
  {
    path: 'prepare-image.ts',
    what: '1 becomes 2',
    in: 'summed = -1',
    why: 'below zero is no row, whatever the number',
  },
  { path: 'prepare-image.ts', what: '< becomes <=', in: 'index < sums.length', why: behindARow },
  { path: 'prepare-image.ts', what: '< becomes <=', in: 'column < first.length', why: behindARow },
  {
    path: 'prepare-image.ts',
    what: '< becomes <=',
    in: 'target < size',
    why: 'behind the end of the spans nothing is written',
  },
  { path: 'prepare-image.ts', what: '256 becomes 257', why: 'a byte is at most 255' },
  {
    path: 'folds.ts',
    what: '< becomes <=',
    in: 'fold < this',
    why: 'behind the last boundary none is at most the time',
  },
  {
    path: 'exact/logarithm.ts',
    what: '> becomes >=',
    in: '-0.25',
    why: 'at −0.25 itself the sum loses nothing, and both ways give the same double',
  },
  { path: 'exact/logarithm.ts', what: '> becomes >=', in: 'sum > 2', why: 'at 2 itself nothing is lost' },
  { path: 'exact/logarithm.ts', what: '2 becomes 3', in: 'sum > 2', why: 'between 2 and 3 both differences are exact' },
  { path: 'hash-32.ts', what: '+ becomes -', in: 'index + 1 < text.length', why: wellFormed },
];
