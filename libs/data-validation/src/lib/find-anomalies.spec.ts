import { describe, expect, it } from 'vitest';
import type { ColumnStatistics } from '@adstocrat/statistics';
import type { ColumnSchema } from './data-schema.ts';
import { type DescribedSpan, findAnomalies } from './find-anomalies.ts';

const numbers = (name: string, mean: number, deviation = 1): ColumnStatistics => ({
  name,
  type: 'float',
  present: 1000,
  missing: 0,
  numeric: { mean, deviation, min: mean - 2 * deviation, max: mean + 2 * deviation, deciles: [] },
});
const words = (name: string, counts: Record<string, number>): ColumnStatistics => {
  const top = Object.entries(counts).map(([value, count]) => ({ value, count }));
  const present = top.reduce((sum, { count }) => sum + count, 0);
  return { name, type: 'string', present, missing: 1000 - present, categorical: { distinct: top.length, top } };
};
const empty = (name: string): ColumnStatistics => ({ ...words(name, {}), missing: 1000 });

function span(columns: readonly ColumnStatistics[], positives = 300): DescribedSpan {
  const schema = columns.map(({ name, type, present, categorical }): ColumnSchema => {
    const domain =
      categorical === undefined || present === 0 ? {} : { domain: categorical.top.map(({ value }) => value) };
    return { name, type, role: 'feature', minPresence: present / 1000, ...domain };
  });
  const label = { name: 'clicked', type: 'integer', role: 'label', minPresence: 1 } as const;
  return {
    schema: { version: 1, columns: [...schema, label] },
    statistics: { version: 1, rows: 1000, positives, columns },
  };
}

const said = (...args: Parameters<typeof findAnomalies>): readonly string[] =>
  findAnomalies(...args).map(({ severity, message }) => `${severity} ${message}`);

describe('findAnomalies', () => {
  const [price, site] = [numbers('price', 10), words('site', { a: 600, b: 400 })];

  it('finds none between equals', () => {
    expect(said(span([price, site]), span([price, site]))).toEqual([]);
  });

  it('lets a column come, and go again', () => {
    const extra = numbers('extra', 1);
    expect(said(span([price]), span([price, extra]))).toEqual(['warning extra: a new column']);
    expect(said(span([price, extra]), span([price]), { known: [span([price]).schema] })).toEqual([
      'warning extra: the column is gone, as it was before',
    ]);
  });

  it('misses a column that was always there, unless the task leaves it out', () => {
    const all = [span([price, site]), span([price])] as const;
    expect(said(...all, { known: [all[0].schema] })).toEqual([
      'error site: the column is gone (task.yaml: features: {site: ignore} goes on without it)',
    ]);
    expect(said(...all, { ignored: new Set(['site']) })).toEqual([]);
  });

  it('minds no type that the task asks for', () => {
    const text = words('price', { '1,5': 1000 });
    const as = (one: DescribedSpan, more: Partial<ColumnSchema>): DescribedSpan => ({
      ...one,
      schema: {
        version: 1,
        columns: one.schema.columns.map((own) => (own.name === 'price' ? { ...own, ...more } : own)),
      },
    });
    const [was, is] = [span([text]), span([price])];
    expect(said(was, is)).toHaveLength(1);
    // Declared since, and declared no longer.
    expect(said(was, as(is, { asked: 'numeric' }))).toEqual([]);
    expect(said(as(was, { asked: 'names' }), is)).toEqual([]);
    expect(said(as(was, { asked: 'numeric' }), as(is, { asked: 'numeric' }))).toHaveLength(1);
    // Taken for the id, until the task wanted none: but not where the data had it so.
    expect(said(as(was, { role: 'id' }), is, { said: new Set(['id']) })).toEqual([]);
    expect(said(as(was, { role: 'id' }), is)).toHaveLength(1);
  });

  it('gives an empty column no type yet', () => {
    expect(said(span([empty('price')]), span([price]))).toEqual([]);
    expect(said(span([price]), span([empty('price')]))).toEqual([
      'error price: present in 0.0 % of the rows, expected at least 100.0 %',
    ]);
    expect(said(span([price]), span([words('price', { x: 1000 })]))).toEqual([
      'error price: the type was float and is string (task.yaml: features: {price: numeric} reads it as before)',
    ]);
  });

  it('names numbers that moved or spread', () => {
    expect(said(span([price]), span([numbers('price', 1000, 100)]))).toEqual([
      'warning price: the mean was 10 (deviation 1) and is 1000 (100)',
    ]);
    // Numbers of far away, as keys and times are: 4 digits would say the same twice; a hundredth of 861 is about 10.
    expect(said(span([numbers('price', 29_872_499_824, 1736)]), span([numbers('price', 29_872_493_824, 861)]))).toEqual(
      ['warning price: the mean was 29872499820 (deviation 1736) and is 29872493820 (861)'],
    );
    expect(said(span([price]), span([numbers('price', 10, 3)]))).toHaveLength(1);
    expect(said(span([price]), span([numbers('price', 10.9, 1.5)]))).toEqual([]);
  });

  it('takes numbers of another unit for an error, unless the task asks for them', () => {
    const deciles = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    const scaled = (by: number): ColumnStatistics => ({
      ...numbers('price', 6 * by, 3 * by),
      numeric: { mean: 6 * by, deviation: 3 * by, min: by, max: 11 * by, deciles: deciles.map((one) => one * by) },
    });
    const [euros, cents] = [span([scaled(1)]), span([scaled(100)])];
    const as = (one: DescribedSpan, asked: string): DescribedSpan => ({
      ...one,
      schema: { version: 1, columns: one.schema.columns.map((own) => ({ ...own, asked })) },
    });
    const about =
      'price: all values are about 100 times what they were (the median was 6 and is 600), as if of another';
    expect(said(euros, cents)).toEqual([
      `error ${about} unit: write them in the one of before; if they are right, task.yaml: features: {price: numeric} takes them`,
    ]);
    expect(said(cents, euros)[0]).toMatch(/^error price: all values are about a 100th of what they were/);
    expect(said(euros, as(cents, 'numeric'))).toEqual(['warning price: the mean was 6 (deviation 3) and is 600 (300)']);
    expect(said(as(euros, 'numeric'), as(cents, 'numeric'))[0]).toMatch(
      /features: \{price: \{description: auto\}\} takes/,
    );
  });

  it('names words that drifted or are new', () => {
    // ½·(.6·log2(.6/.35)+.4·log2(.4/.65)) + ½·(.1·log2(.1/.35)+.9·log2(.9/.65)) = 0.2142…, by Python.
    expect(said(span([site]), span([words('site', { a: 100, b: 900 })]))).toEqual([
      'warning site: drifted by 0.214 bits (Jensen–Shannon), the limit is 0.1',
    ]);
    expect(said(span([site]), span([words('site', { a: 570, b: 400, c: 30 })]))).toEqual([
      'warning site: 3.0 % of the values were never seen before, for example "c"',
    ]);
  });

  it('names a share of positives that moved', () => {
    expect(said(span([price], 300), span([price], 900))).toEqual([
      'warning clicked: 90.0 % of the rows are positive, 30.0 % were before',
    ]);
    // Within what chance gives: four standard errors of two shares of 1,000 rows are 8 points.
    expect(said(span([price], 300), span([price], 370))).toEqual([]);
  });
});
