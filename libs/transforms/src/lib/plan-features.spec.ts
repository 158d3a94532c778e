import { describe, expect, it } from 'vitest';
import type { ColumnRole, ColumnSchema, DataSchema } from '@adstocrat/data-validation';
import type { ColumnStatistics, SpanStatistics } from '@adstocrat/statistics';
import { planFeatures } from './plan-features.ts';

const rows = 1000;
const column = (name: string, type: ColumnSchema['type'], role: ColumnRole = 'feature'): ColumnSchema => ({
  name,
  type,
  role,
  minPresence: 0,
});
const text = (name: string, distinct: number, missing = 0): ColumnStatistics => ({
  name,
  type: 'string',
  present: rows - missing,
  missing,
  categorical: { distinct, top: [] },
});
const number = (name: string, min: number, max: number, missing = 0): ColumnStatistics => ({
  name,
  type: 'float',
  present: rows - missing,
  missing,
  numeric: { mean: 0, deviation: 1, min, max, deciles: [] },
});

const schema: DataSchema = {
  version: 1,
  columns: [
    column('y', 'integer', 'label'),
    column('key', 'string', 'id'),
    column('at', 'string', 'eventTime'),
    column('picture', 'string', 'image'),
    column('constructor', 'string'),
    column('__proto__', 'float'),
    column('toString', 'float'),
    column('same', 'string'),
    column('comment', 'string'),
  ],
};
const statistics: SpanStatistics = {
  version: 1,
  rows,
  positives: 10,
  columns: [
    text('constructor', 7),
    number('__proto__', 0, 9),
    number('toString', 0, 9, 5),
    text('same', 1),
    text('comment', 990),
  ],
};
const plan = (features: unknown) => {
  const { features: planned, dropped, image } = planFeatures(schema, statistics, { features });
  return {
    features: planned.map(({ operation, columns }) => `${operation.name} ${columns.join(' ')}`),
    dropped: [...dropped],
    image,
  };
};

describe('planFeatures', () => {
  it('chooses by type and statistics, whatever the columns are called', () => {
    expect(plan({})).toEqual({
      features: [
        'hour at',
        'weekday at',
        'vocabulary constructor',
        'quantileBuckets __proto__',
        'zScore __proto__',
        'quantileBuckets toString',
        'zScore toString',
        'missing toString',
      ],
      dropped: [
        ['y', 'is the label'],
        ['key', 'is the id'],
        ['same', 'has one value only'],
        ['comment', 'has a different value in nearly every row'],
      ],
      image: { column: 'picture', size: 32, mean: [0.5, 0.5, 0.5], scale: [0.25, 0.25, 0.25] },
    });
  });

  it('follows the task, also for columns that it would leave out', () => {
    const declared = plan(
      JSON.parse(`{
        "__proto__": "numeric", "toString": ["auto", "log1p"], "constructor": {"op": "cross", "with": "comment"},
        "comment": {"op": "tokens", "length": 4}, "at": "ignore", "picture": {"op": "image", "size": 64}
      }`),
    );
    expect(declared.features).toEqual([
      'cross constructor comment',
      'zScore __proto__',
      'quantileBuckets toString',
      'zScore toString',
      'missing toString',
      'log1p toString',
      'tokens comment',
    ]);
    expect(declared.image).toMatchObject({ size: 64 });
  });

  it('has training alone read what no request gives, and no weight', () => {
    const { features, fixed, dropped } = planFeatures(schema, statistics, {
      features: {},
      knownLater: { toString: 2, constructor: null },
      weight: '__proto__',
    });
    expect(features.map(({ operation, columns }) => `${operation.name} ${columns.join(' ')}`)).toContain(
      'zScore toString',
    );
    expect(features.some(({ columns }) => columns.includes('__proto__'))).toBe(false);
    expect(fixed).toEqual([
      { column: 'toString', type: 'float', value: 2 },
      { column: 'constructor', type: 'string', value: null },
    ]);
    expect(dropped.get('__proto__')).toBe('is what training rows count');
    expect(() => planFeatures(schema, statistics, { features: {}, knownLater: { toString: 'first' } })).toThrow(
      'knownLater.toString: the column holds numbers, got "first"',
    );
  });

  it('takes the event time for an age that says no other', () => {
    expect(plan({ comment: 'age' }).features).toContain('age comment at');
    const timeless = { ...schema, columns: schema.columns.filter(({ role }) => role !== 'eventTime') };
    expect(() => planFeatures(timeless, statistics, { features: { comment: 'age' } })).toThrow(
      /^features\.comment: needs `at`/,
    );
  });

  describe('looks into texts by their frequent values', () => {
    const manyOf = (of: (at: number) => string): readonly string[] => Array.from({ length: 300 }, (_, at) => of(at));
    const three = (at: number): readonly string[] =>
      [`${at % 7}`, `${at % 11}`, `${at % 13}`].map((tail) => `t${tail}`);
    const dayOf = (at: number): string => `2026-03-${String(1 + (at % 31)).padStart(2, '0')}`;
    const titles = manyOf(
      (at) => ['red blue sale', 'great shoes now', 'only today red', 'blue shoes'][at % 4]! + ` ${at}`,
    );
    const pages = manyOf((at) => `https://www.s${at % 9}.example/${['news', 'sports'][at % 2]!}/${at}`);
    it.each([
      ['titles', titles, 300, ['vocabulary', 'tokens 4']],
      ['titles that hardly come back', titles, 990, ['tokens 4']],
      ['lists', manyOf((at) => three(at).join('|')), 300, ['vocabulary', 'list 3 |']],
      ['pages', pages, 990, ['urlHost', 'tokens 6']],
      ['days', manyOf(dayOf), 31, ['age at', 'weekday']],
      ['moments', manyOf((at) => `${dayOf(at)}T10:00:00Z`), 990, ['age at', 'weekday', 'hour']],
      ['keys', manyOf((at) => `user-${at}`), 300, ['vocabulary']],
    ] as const)('%s', (_what, values, distinct, operations) => {
      const top = values.map((value) => ({ value, count: 1 }));
      const found = planFeatures(
        schema,
        {
          ...statistics,
          columns: [{ name: 'comment', type: 'string', present: rows, missing: 0, categorical: { distinct, top } }],
        },
        { features: {} },
      ).features.filter(({ columns }) => columns[0] === 'comment');
      expect(
        found.map(({ operation, parameters }) => {
          const { length, separator, at } = parameters as Record<string, unknown>;
          return [operation.name, length, separator, at].filter((one) => one !== undefined).join(' ');
        }),
      ).toEqual(operations);
    });

    it('takes days of digits for times, in a column of numbers too', () => {
      const top = manyOf((at) => dayOf(at).replaceAll('-', '')).map((value) => ({ value, count: 1 }));
      const numbers = { ...number('__proto__', 20260301, 20260331), categorical: { distinct: 31, top } };
      const ofIntegers = { ...schema, columns: [...schema.columns.slice(0, 4), column('__proto__', 'integer')] };
      const { features } = planFeatures(ofIntegers, { ...statistics, columns: [numbers] }, { features: {} });
      const own = features.filter(({ columns }) => columns[0] === '__proto__');
      expect(own.map(({ operation }) => operation.name)).toEqual(['age', 'weekday']);
    });

    it('takes the month where there is no event time to count days to', () => {
      const top = manyOf(dayOf).map((value) => ({ value, count: 1 }));
      const timeless = { ...schema, columns: schema.columns.filter(({ role }) => role !== 'eventTime') };
      const columns = [
        { name: 'comment', type: 'string', present: rows, missing: 0, categorical: { distinct: 31, top } },
      ] as const;
      const { features } = planFeatures(timeless, { ...statistics, columns }, { features: {} });
      expect(features.map(({ operation }) => operation.name)).toEqual(['month', 'weekday']);
    });
  });

  it.each([
    [{ nowhere: 'hash' }, 'features.nowhere: the data has no such column'],
    [{ y: 'hash' }, 'features.y: is the label, which no request gives'],
    [{ same: 'image' }, 'features.same: image is for the column that the task names under image'],
    [
      { same: { op: 'cross', with: ['y'] } },
      'features.same: "y" is no column that a request can give: there are at, picture, constructor, __proto__, toString, same, comment',
    ],
  ])('refuses %j', (features, message) => {
    expect(() => planFeatures(schema, statistics, { features })).toThrow(message);
  });
});
