import { describe, expect, it } from 'vitest';
import type { ColumnRole, ColumnSchema, DataSchema } from '@adstocrat/data-validation';
import type { ColumnStatistics, SpanStatistics } from '@adstocrat/statistics';
import { planFeatures } from './plan-features.ts';
import type { TextKind } from './text-kind.ts';

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

  describe('looks into texts by what they hold', () => {
    const column = (distinct: number, type: ColumnSchema['type'] = 'string') =>
      ({ name: 'comment', type, present: rows, missing: 0, categorical: { distinct, top: [] } }) as const;
    const planned = (kinds: Record<string, TextKind>, distinct: number, given: DataSchema = schema, features = {}) =>
      planFeatures(
        given,
        { ...statistics, columns: [column(distinct)] },
        { features },
        new Map(Object.entries(kinds)),
      ).features.filter(({ columns }) => columns[0] === 'comment');
    const shown = (features: ReturnType<typeof planned>): readonly string[] =>
      features.map(({ operation, parameters }) => {
        const { length, separator, at } = parameters as Record<string, unknown>;
        return [operation.name, length, separator, at].filter((one) => one !== undefined).join(' ');
      });
    const timeless = { ...schema, columns: schema.columns.filter(({ role }) => role !== 'eventTime') };
    const day: TextKind = { kind: 'time', format: 'iso-8601', withClock: false };

    it.each<[string, TextKind, number, readonly string[]]>([
      ['titles', { kind: 'words', length: 4 }, 300, ['vocabulary', 'tokens 4']],
      ['titles that hardly come back', { kind: 'words', length: 4 }, 990, ['tokens 4']],
      ['lists', { kind: 'list', separator: '|', length: 3 }, 300, ['vocabulary', 'list 3 |']],
      ['pages', { kind: 'address', hostAlone: false, length: 6 }, 990, ['urlHost', 'tokens 6']],
      ['sites', { kind: 'address', hostAlone: true, length: 6 }, 300, ['urlHost']],
      ['titles without blanks', { kind: 'unspaced', length: 9 }, 990, ['characterNgrams 9']],
      ['days', day, 31, ['vocabulary', 'age at', 'weekday']],
      ['moments', { ...day, withClock: true }, 990, ['age at', 'weekday', 'hour']],
      ['keys', { kind: 'value' }, 300, ['vocabulary']],
    ])('%s', (_what, kind, distinct, operations) => {
      expect(shown(planned({ comment: kind }, distinct))).toEqual(operations);
    });

    it('takes year and month where there is no event time to count days to, or one that is ignored', () => {
      expect(shown(planned({ comment: day }, 990, timeless))).toEqual(['prefix 4', 'month', 'weekday']);
      expect(shown(planned({ comment: day }, 990, schema, { at: 'ignore' }))).toEqual(['prefix 4', 'month', 'weekday']);
    });

    it('looks into numbers where their digits are days, and into no others', () => {
      const ofIntegers = { ...schema, columns: [{ ...schema.columns.at(-1)!, type: 'integer' as const }] };
      expect(shown(planned({ comment: { ...day, format: 'yyyymmdd' } }, 990, ofIntegers))).toEqual([
        'prefix 4',
        'month',
        'weekday',
      ]);
      expect(shown(planned({ comment: { kind: 'words', length: 2 } }, 990, ofIntegers))).toEqual(['vocabulary']);
    });

    it.each<[string, TextKind, number, object, readonly [string, string][]]>([
      ['words', { kind: 'words', length: 4 }, 300, {}, [['comment', 'vocabulary and tokens']]],
      ['a list', { kind: 'list', separator: ';', length: 3 }, 990, {}, [['comment', 'list of ";"']]],
      [
        'what is left out',
        { kind: 'value' },
        990,
        {},
        [['comment', 'left out (it has a different value in nearly every row)']],
      ],
      ['no values', { kind: 'value' }, 300, {}, []],
      ['nothing that the task declares', { kind: 'words', length: 4 }, 300, { comment: 'vocabulary' }, []],
    ])('says that it guessed: %s', (_what, kind, distinct, features, guessed) => {
      const facts = { ...statistics, columns: [column(distinct)] };
      const plan = planFeatures(schema, facts, { features }, new Map([['comment', kind]]));
      expect([...(plan.guessed ?? [])]).toEqual(guessed);
    });

    it('shortens what many texts give together', () => {
      const others = Object.fromEntries(
        Array.from({ length: 63 }, (_, at) => [`t${at}`, { kind: 'words', length: 8 } as const]),
      );
      // 512 ids for 256.
      expect(shown(planned({ ...others, comment: { kind: 'words', length: 8 } }, 990))).toEqual(['tokens 4']);
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
