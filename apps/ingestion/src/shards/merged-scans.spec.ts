import { describe, expect, it } from 'vitest';
import { shownRejects } from '@adstocrat/example-engine';
import { cellKinds, noDigitTimes, type PartFacts, QuantileSketch } from '@adstocrat/statistics';
import { MergedScans } from './merged-scans.ts';
import type { ScannedShard } from './scan-shard.ts';

const rows = 10;

function column(name: string, hash: number): PartFacts {
  const cells = Object.fromEntries(cellKinds.map((kind) => [kind, kind === 'text' ? rows : 0])) as PartFacts['cells'];
  return {
    name,
    rows,
    cells,
    examples: {},
    digitTimes: noDigitTimes,
    worded: 0,
    distinct: 1,
    hashes: { distinct: 1, least: [hash] },
  };
}

/** A shard of lines of JSON, with as many rejects as are shown of all. */
function shard(number: number, names: readonly string[]): ScannedShard {
  const file = `part-${number}.jsonl`;
  const quantiles = new QuantileSketch();
  quantiles.addAll([number, number + 10]);
  const first = Array.from({ length: shownRejects }, (_, at) => ({ file, line: at + 1, reason: 'broken' }));
  return {
    rows,
    columns: names.map((name) => column(name, number)),
    files: [{ name: file, kind: 'jsonl', rows, format: { encoding: 'utf-8', delimiter: ',' }, unnamedIndex: false }],
    rejects: {
      rows: 2000,
      reasons: [{ reason: 'broken', rows: 2000, first: { file, line: 1, reason: 'broken' } }],
      first,
    },
    labels: { terms: [{ value: '1', count: number }], distinct: 2 },
    unique: [],
    distinct: [],
    times: [{ column: 'at', format: 'epoch-seconds', quantiles: quantiles.summary() }],
  };
}

describe('MergedScans', () => {
  const scans = new MergedScans();
  for (const one of [shard(1, ['at', 'y']), shard(2, ['y', 'at', 'late']), shard(3, ['at', 'y'])]) scans.add(one);

  it('has facts over all shards, where a column that some lack is empty', () => {
    const { columns, ...facts } = scans.facts(false);
    expect(facts).toMatchObject({ rows: 30, labels: { terms: [{ value: '1', count: 6 }], distinct: 2 } });
    expect(columns.map(({ name, rows: of, cells, distinct }) => [name, of, cells.text, cells.empty, distinct])).toEqual(
      [
        ['at', 30, 30, 0, 3],
        ['y', 30, 30, 0, 3],
        ['late', 30, 10, 20, 1],
      ],
    );
    expect(scans.facts(false).columns).toEqual(columns);
  });

  it('has the times of all, and none of a column or a format that none has', () => {
    expect(scans.timesAt({ column: 'at', format: 'epoch-seconds' }, [0, 1])).toEqual([1, 13]);
    expect(scans.timesAt({ column: 'at', format: 'iso-8601' }, [0])).toEqual([]);
    expect(scans.timesAt(undefined, [0])).toEqual([]);
  });

  it('has the times of shards with years of four digits with those of others that have some of two', () => {
    const years = new MergedScans();
    for (const [number, formats] of [
      [1, ['dd/mm/yyyy']],
      [2, ['dd/mm/yyyy', 'dd/mm/yy']],
      [3, ['dd/mm/yy']],
    ] as const) {
      const one = shard(number, ['at', 'y']);
      const times = formats.map((format) => ({ ...one.times[0]!, format }));
      years.add({ ...one, times });
    }
    expect(years.timesAt({ column: 'at', format: 'dd/mm/yy' }, [0, 1])).toEqual([1, 13]);
    expect(years.timesAt({ column: 'at', format: 'dd/mm/yyyy' }, [0, 1])).toEqual([1, 12]);
  });

  it('holds no sketch of a shard, and of rejects those that are shown', () => {
    expect(scans.shards[1]).toEqual({
      rows,
      unique: [],
      distinct: [],
      columns: ['y', 'at', 'late'],
      files: ['part-2.jsonl'],
    });
    const { first, ...rejects } = scans.rejects({ id: 'table' });
    expect(rejects).toMatchObject({ rows: 6000, reasons: [{ rows: 6000 }] });
    expect([first.length, first.at(-1)?.file]).toEqual([shownRejects, 'part-1.jsonl']);
  });
});
