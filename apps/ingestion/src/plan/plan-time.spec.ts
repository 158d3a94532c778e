import { describe, expect, it } from 'vitest';
import { type ColumnFacts, noDigitTimes } from '@adstocrat/statistics';
import { Task } from '@adstocrat/tasks';
import { columnFacts as column } from '../testing/facts.ts';
import { planTime } from './plan-time.ts';

const plan = (columns: readonly ColumnFacts[], more: object = {}) =>
  planTime(Task.parse({ name: 't', data: { examples: ['*'] }, label: 'y', ...more }), columns, 1000, 0.01);

describe('planTime', () => {
  it.each<[why: string, column: ColumnFacts, format: string | undefined]>([
    ['ISO 8601', column('at', { 'iso-8601': 1000 }), 'iso-8601'],
    ['dotted dates', column('at', { 'dd.mm.yyyy': 1000 }), 'dd.mm.yyyy'],
    ['RFC 2822', column('at', { 'rfc-2822': 1000 }), 'rfc-2822'],
    ['days first', column('at', { slashed: 400, 'dd/mm/yyyy': 600 }), 'dd/mm/yyyy'],
    ['months first', column('at', { slashed: 990, 'mm/dd/yyyy': 10 }), 'mm/dd/yyyy'],
    [
      'one day that no month has, among months first',
      column('at', { slashed: 499, 'mm/dd/yyyy': 500, 'dd/mm/yyyy': 1 }),
      'mm/dd/yyyy',
    ],
    ['days that may be months', column('at', { slashed: 1000 }), undefined],
    ['both orders', column('at', { slashed: 600, 'dd/mm/yyyy': 200, 'mm/dd/yyyy': 200 }), undefined],
    ['two digits of the year, with points', column('at', { 'dd.mm.yy': 1000 }), 'dd.mm.yy'],
    ['two digits of the year, days first', column('at', { 'slashed-yy': 990, 'dd/mm/yy': 10 }), 'dd/mm/yy'],
    ['two digits of the year, months first', column('at', { 'slashed-yy': 990, 'mm/dd/yy': 10 }), 'mm/dd/yy'],
    ['two digits of the year, days that may be months', column('at', { 'slashed-yy': 1000 }), undefined],
    ['years of two and of four digits', column('at', { 'dd.mm.yy': 100, 'dd.mm.yyyy': 900 }), 'dd.mm.yy'],
    [
      'years of two and of four digits, of which either says the order',
      column('at', { 'slashed-yy': 500, slashed: 480, 'mm/dd/yyyy': 20 }),
      'mm/dd/yy',
    ],
    ['both orders, by their years', column('at', { 'dd/mm/yy': 500, 'mm/dd/yyyy': 500 }), undefined],
    ['a few that are missing or bad', column('at', { 'iso-8601': 990, empty: 5, text: 5 }), 'iso-8601'],
    ['more than a few', column('at', { 'iso-8601': 989, empty: 11 }), undefined],
    [
      'seconds since 1970',
      column('at', { integer: 1000 }, { digitTimes: { ...noDigitTimes, 'epoch-seconds': 1000 } }),
      'epoch-seconds',
    ],
    [
      'milliseconds since 1970',
      column('at', { integer: 1000 }, { digitTimes: { ...noDigitTimes, 'epoch-milliseconds': 995 } }),
      'epoch-milliseconds',
    ],
    [
      'days and hours that might be seconds of a year to come',
      column('at', { integer: 1000 }, { digitTimes: { ...noDigitTimes, yyyymmdd: 1000, 'epoch-seconds': 1000 } }),
      'yyyymmdd',
    ],
    [
      'milliseconds of a day, more digits than a number holds',
      column('at', { big: 1000 }, { digitTimes: { ...noDigitTimes, yyyymmdd: 1000 } }),
      'yyyymmdd',
    ],
    [
      'hours with a year of two digits',
      column('at', { integer: 1000 }, { digitTimes: { ...noDigitTimes, yymmddhh: 1000 }, distinct: 240 }),
      'yymmddhh',
    ],
    [
      'few codes of eight digits that might be hours',
      column('at', { integer: 1000 }, { digitTimes: { ...noDigitTimes, yymmddhh: 1000 }, distinct: 9 }),
      undefined,
    ],
    ['numbers', column('at', { integer: 1000 }), undefined],
    ['text', column('at', { text: 1000 }), undefined],
  ])('reads %s', (_why, facts, format) => {
    expect(plan([facts]).time?.format).toBe(format);
  });

  it('takes the one with the most different values of several, and says so', () => {
    const [day, moment] = [
      column('day', { 'iso-8601': 1000 }, { distinct: 30 }),
      column('moment', { 'iso-8601': 1000 }, { distinct: 900 }),
    ];
    expect(plan([day, moment])).toEqual({
      time: { column: 'moment', format: 'iso-8601', isClean: true },
      notes: [
        'event time: "moment", read as ISO 8601, UTC where no zone is written, not "day": of several times one with a time of day, of those the one with the most different values (task.yaml: eventTime; where rows have none, eventTime: none)',
      ],
    });
    expect(plan([{ ...day, distinct: 900 }, moment]).time?.column).toBe('day');
  });

  it('takes a written time before a count, and no column that is something else', () => {
    const digitTimes = { ...noDigitTimes, 'epoch-seconds': 1000 };
    const number = column('number', { integer: 1000 }, { digitTimes, distinct: 1000 });
    expect(plan([number, column('at', { 'iso-8601': 1000 })]).time?.column).toBe('at');
    expect(plan([number], { unit: 'number' }).time).toBeUndefined();
    expect(plan([number], { features: { number: 'numeric' } }).time).toBeUndefined();
  });

  it('leaves out dates with years of two digits that may be something else, and says so where there is no other', () => {
    const [day, from] = [86_400_000, Date.UTC(2021, 9, 9)];
    const timesOf = () => [0, 0, 1, 150, 183, 183, 183, 183, 183].map((days) => from + days * day);
    const [version, at] = [
      column('version', { 'dd.mm.yy': 1000 }, { examples: { 'dd.mm.yy': '10.04.22' } }),
      column('at', { 'iso-8601': 1000 }),
    ];
    const plan = (columns: readonly ColumnFacts[], more: object = {}) =>
      planTime(Task.parse({ name: 't', data: { examples: ['*'] }, label: 'y', ...more }), columns, 1000, 0.01, timesOf);
    expect(plan([version])).toEqual({
      time: undefined,
      notes: [
        '"version" looks like dd.mm.yy and is not taken for the event time: days without a time of day may be versions, sizes or numbers of parts (task.yaml: eventTime: version and timeFormat: dd.mm.yy take it all the same)',
      ],
    });
    const { time, notes } = plan([version, at]);
    expect([time?.column, notes.length]).toEqual(['at', 1]);
    expect(plan([version], { eventTime: 'version' }).time?.format).toBe('dd.mm.yy');
    expect(plan([{ ...version, name: 'order_date' }]).notes).toEqual([
      'event time: "order_date", read as dd.mm.yy, two digits for the years 1970 to 2069, UTC (task.yaml: eventTime; where rows have none, eventTime: none)',
    ]);
  });

  it('asks where the year of a declared column may be its first two digits', () => {
    const timesOf = () =>
      [2003, 2003, 2012, 2013, 2016, 2016, 2016, 2016, 2016].map((year) => Date.UTC(year, 10, 25, 12));
    const task = { name: 't', data: { examples: ['*'] }, label: 'y', eventTime: 'at' };
    const at = column('at', { 'dd/mm/yy': 1000 });
    expect(() => planTime(Task.parse(task), [at], 1000, 0.01, timesOf)).toThrow(
      /"at" looks like dd\/mm\/yy, but may have its year first, .*write timeFormat: dd\/mm\/yy/,
    );
    expect(planTime(Task.parse({ ...task, timeFormat: 'dd/mm/yy' }), [at], 1000, 0.01, timesOf).time?.column).toBe(
      'at',
    );
  });

  it('asks where a declared column cannot be read in one way', () => {
    const slashed = column('at', { slashed: 1000 });
    expect(() => plan([slashed], { eventTime: 'at' })).toThrow(
      /day and month cannot be told apart .* timeFormat: dd\/mm\/yyyy or mm\/dd\/yyyy/,
    );
    expect(plan([slashed], { eventTime: 'at', timeFormat: 'mm/dd/yyyy' }).time?.format).toBe('mm/dd/yyyy');
    expect(() => plan([column('at', { text: 1000 })], { eventTime: 'at' })).toThrow(
      /holds no times of one known format, for example "a text"/,
    );
    expect(plan([slashed]).notes).toEqual([expect.stringContaining('write eventTime: at and timeFormat')]);
  });
});
