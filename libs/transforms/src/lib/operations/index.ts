import type { AnyOperation } from '../operation.ts';
import { age } from './age.ts';
import { characterNgrams } from './character-ngrams.ts';
import { clip } from './clip.ts';
import { count } from './count.ts';
import { cross } from './cross.ts';
import { crossVocabulary } from './cross-vocabulary.ts';
import { cyclic } from './cyclic.ts';
import { cyclicTime } from './cyclic-time.ts';
import { dayOfMonth } from './day-of-month.ts';
import { difference } from './difference.ts';
import { equals } from './equals.ts';
import { fixedBuckets } from './fixed-buckets.ts';
import { hash } from './hash.ts';
import { hashedList } from './hashed-list.ts';
import { hour } from './hour.ts';
import { hourOfWeek } from './hour-of-week.ts';
import { identity } from './identity.ts';
import { impute } from './impute.ts';
import { list } from './list.ts';
import { log1p } from './log1p.ts';
import { magnitude } from './magnitude.ts';
import { minMax } from './min-max.ts';
import { missing } from './missing.ts';
import { month } from './month.ts';
import { ngrams } from './ngrams.ts';
import { power } from './power.ts';
import { prefix } from './prefix.ts';
import { quantileBuckets } from './quantile-buckets.ts';
import { quantileRank } from './quantile-rank.ts';
import { ratio } from './ratio.ts';
import { robustScale } from './robust-scale.ts';
import { targetRate } from './target-rate.ts';
import { textLength } from './text-length.ts';
import { tokens } from './tokens.ts';
import { uniformBuckets } from './uniform-buckets.ts';
import { urlHost } from './url-host.ts';
import { vocabulary } from './vocabulary.ts';
import { weekOfYear } from './week-of-year.ts';
import { weekday } from './weekday.ts';
import { weekend } from './weekend.ts';
import { winsorize } from './winsorize.ts';
import { wordCount } from './word-count.ts';
import { zScore } from './z-score.ts';

/** Every operation, in the order of the documentation: what ids come from, then numbers. */
export const operations: readonly AnyOperation[] = [
  vocabulary,
  hash,
  crossVocabulary,
  cross,
  list,
  hashedList,
  tokens,
  ngrams,
  characterNgrams,
  prefix,
  urlHost,
  quantileBuckets,
  fixedBuckets,
  uniformBuckets,
  magnitude,
  hour,
  weekday,
  hourOfWeek,
  weekend,
  dayOfMonth,
  month,
  weekOfYear,
  zScore,
  log1p,
  power,
  minMax,
  robustScale,
  quantileRank,
  clip,
  winsorize,
  impute,
  missing,
  identity,
  equals,
  ratio,
  difference,
  textLength,
  wordCount,
  cyclic,
  cyclicTime,
  age,
  count,
  targetRate,
];

const byName: ReadonlyMap<string, AnyOperation> = new Map(operations.map((operation) => [operation.name, operation]));

/** Undefined for a name that is none. */
export function findOperation(name: string): AnyOperation | undefined {
  return byName.get(name);
}

/** Throws `RangeError` for a name that is none. */
export function operationOf(name: string): AnyOperation {
  const found = byName.get(name);
  if (found === undefined) throw new RangeError(`no operation "${name}": there are ${[...byName.keys()].join(', ')}`);
  return found;
}
