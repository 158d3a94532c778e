import type { AnyOperation } from '../lib/operation.ts';
import type { PlannedFeature } from '../lib/plan-features.ts';
import { operations } from '../lib/operations/index.ts';
import { planned } from './fit-on.ts';

/** One feature or two on each of the twenty sample columns, as a task for a click log would have them. */
export function clickLogFeatures(): readonly PlannedFeature[] {
  return [
    ...['site', 'campaign', 'creative', 'device', 'browser', 'country'].map((column) =>
      planned('vocabulary', {}, column),
    ),
    planned('hash', { buckets: 100_000 }, 'user'),
    planned('hash', { buckets: 100_000 }, 'session'),
    planned('list', { length: 4 }, 'tags'),
    planned('tokens', { length: 4 }, 'headline'),
    planned('urlHost', {}, 'page'),
    planned('vocabulary', {}, 'hour_code'),
    planned('cross', { with: 'device' }, 'position'),
    planned('quantileBuckets', {}, 'price'),
    planned('zScore', {}, 'price'),
    planned('zScore', {}, 'bid'),
    planned('log1p', {}, 'views'),
    planned('quantileBuckets', {}, 'width'),
    planned('cyclic', { period: 360 }, 'angle'),
    planned('hour', {}, 'shown_at'),
    planned('weekday', {}, 'shown_at'),
    planned('age', { at: 'shown_at' }, 'launched'),
  ];
}

/** For operations that must be given parameters, or that `columnFor` has no column for: a sample column that suits, and parameters. */
const given: Readonly<Record<string, readonly [column: string, parameters?: object]>> = {
  cross: ['site', { with: ['device', 'hour_code'] }],
  crossVocabulary: ['site', { with: 'device' }],
  tokens: ['headline'],
  ngrams: ['headline'],
  characterNgrams: ['headline'],
  urlHost: ['page'],
  fixedBuckets: ['price', { boundaries: [0.1, 1, 10, 100] }],
  power: ['price', { exponent: 0.3 }],
  clip: ['bid', { min: -1, max: 1 }],
  identity: ['price'],
  equals: ['device', { values: ['v0', 'v1', '1.0'] }],
  ratio: ['price', { by: 'views' }],
  difference: ['price', { from: 'bid' }],
  cyclic: ['angle', { period: 360 }],
  cyclicTime: ['shown_at', { period: 'year' }],
  age: ['launched', { at: 'shown_at' }],
  textLength: ['headline'],
  wordCount: ['headline'],
  count: ['campaign'],
  targetRate: ['creative', { with: 'device' }],
};

/** Every operation once, on a sample column. Throws `RangeError` for one that needs parameters and is given none. */
export function everyOperation(): readonly PlannedFeature[] {
  return operations.map((operation) => {
    const { name } = operation;
    const [column, parameters = {}] = given[name] ?? [columnFor(operation)];
    if (!operation.parameters.safeParse(parameters).success)
      throw new RangeError(
        `${name} needs parameters: give it some in \`given\` of libs/transforms/src/testing/sample-features.ts`,
      );
    return planned(name, parameters, column);
  });
}

/** By what the operation says of itself: times, lists, names, else a number. */
function columnFor({ parameters, ofLists, ofNames }: AnyOperation): string {
  const { properties = {} } = parameters.toJSONSchema({ io: 'input' });
  if (Object.hasOwn(properties, 'offsetMinutes')) return 'shown_at';
  return ofLists ? 'tags' : ofNames ? 'site' : 'price';
}
