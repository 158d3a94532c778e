import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BadData, type ExampleEngine, originColumns, type ScanResult } from '../index.ts';
import { type Column, reservedColumns } from '@adstocrat/examples';
import { mergeDistinct, mergeStatistics, type PartColumn, QuantileSketch } from '@adstocrat/statistics';
import { isRejected, personOf, sampleFiles, type SampleSpan, timeOf, words } from './sample-span.ts';

/** What the contract works on. */
export interface ContractGround {
  readonly engine: ExampleEngine;
  readonly span: SampleSpan;
  readonly rows: number;
  /** Where files may be written. */
  readonly folder: string;
  /** Writes a file there and names its path. */
  readonly file: (named: string, content: string) => string;
}

const all = (count: number): readonly number[] => Array.from({ length: count }, (_, row) => row);
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What engines keep so that shards of one drop, each in a session of its own, become one span. */
export function shardsContract(ground: () => ContractGround): void {
  describe('in shards', () => {
    /** The same rows as two drops' files, cut in the middle; each in its own scan. */
    let halves: readonly ScanResult[];
    const nameOf = (half: number): string => `gs://bucket/half-${half}.csv`;
    beforeAll(async () => {
      const { engine, rows, file } = ground();
      const { header, lines } = sampleFiles(rows);
      const middle = rows / 2;
      const texts = [lines.slice(0, middle), lines.slice(middle)].map((some) => [header, ...some, ''].join('\n'));
      halves = await Promise.all(
        texts.map((text, half) =>
          engine.scan([{ path: file(`half-${half}.csv`, text), name: nameOf(half) }], { isPart: true }),
        ),
      );
    });
    const texts = (column: Column | undefined): readonly (string | null)[] =>
      [...(column?.values ?? [])] as (string | null)[];

    it('takes a part without rows, and refuses a drop without any', async () => {
      const { engine, file } = ground();
      const files = [{ path: file('header.csv', 'a,b\n'), name: 'header.csv' }];
      const { rows, columns } = await engine.scan(files, { isPart: true });
      expect([rows, columns.map(({ name }) => name)]).toEqual([0, ['a', 'b']]);
      await expect(engine.scan(files)).rejects.toThrow(BadData);
    });

    it('goes on with rows that another session scanned: their numbers, files and lines, and a column that they lack', async () => {
      const { engine, rows, folder, span } = ground();
      const path = join(folder, 'scanned.parquet');
      const people = join(folder, 'scanned-people.parquet');
      await engine.writeParquet(halves[1]!.table, path);
      await engine.writeParquet(span.people, people);
      const columns = ['id', 'person', 'price', 'words', 'small', 'at', 'clicked', 'elsewhere'];
      const opened = await engine.openParquet([path], { names: [nameOf(1)], before: rows / 2, columns });
      const joined = await engine.join(opened, await engine.openParquet([people]), 'person');
      const prepared = await engine.prepare(joined, {
        columns: [
          { name: 'kind', type: 'string' },
          { name: 'elsewhere', type: 'float' },
        ],
        label: { column: 'clicked', positive: ['yes'], negative: ['no'] },
        eventTime: { column: 'at', format: 'iso-8601' },
      });
      const due = all(rows).slice(rows / 2);
      const kept = due.filter((row) => !isRejected(row));
      const made = await engine.collect(prepared.table, [reservedColumns.id, 'kind', 'elsewhere']);
      // Rows are counted from 1, over all parts.
      expect(made.get(reservedColumns.id)?.values).toEqual(kept.map((row) => String(row + 1)));
      expect(made.get('kind')?.values).toEqual(
        kept.map((row) => (personOf(row) < 200 ? `k${personOf(row) % 7}` : null)),
      );
      expect([...(made.get('elsewhere')?.values ?? [])].every((value) => Number.isNaN(value))).toBe(true);
      const rejects = join(folder, 'half-rejects.parquet');
      await engine.writeParquet(prepared.rejects.table, rejects);
      const listed = await engine.collect(await engine.openParquet([rejects]), ['file', 'line', 'reason']);
      // Of the half's own rows one in ten has a line end in its words; written in the order of the rows, whatever the reason.
      const lineOf = (row: number): number =>
        2 + (row - rows / 2) + due.filter((one) => one < row && one % 10 === 1).length;
      expect(listed.get('line')?.values).toEqual(Float64Array.from(due.filter(isRejected), lineOf));
      expect(new Set(texts(listed.get('file')))).toEqual(new Set([nameOf(1)]));
      expect(texts(listed.get('reason')).map((reason) => reason?.includes('label'))).toEqual(
        due.filter(isRejected).map((row) => row % 500 === 499),
      );
    });

    it.each([
      { what: 'no rows', text: 'y,unit\n', rejected: 0 },
      { what: 'no row that stays', text: 'y,unit\n?,a\n?,b\n', rejected: 2 },
    ])('makes a part of $what into splits of none', async ({ what, text, rejected }) => {
      const { engine, folder, file } = ground();
      const name = `${what.replaceAll(' ', '-')}.csv`;
      const scan = await engine.scan([{ path: file(name, text), name }], { isPart: true });
      const path = join(folder, `${name}.parquet`);
      await engine.writeParquet(scan.table, path);
      const opened = await engine.openParquet([path], { names: [name], before: 7, columns: ['y', 'unit', 'more'] });
      const table = await engine.scan([{ path: file('units.csv', 'unit,size\na,1\n'), name: 'units.csv' }]);
      const columns = [
        { name: 'unit', type: 'string' },
        { name: 'size', type: 'integer' },
        { name: 'more', type: 'float' },
      ] as const;
      const prepared = await engine.prepare(await engine.join(opened, table.table, 'unit'), {
        columns,
        label: { column: 'y', positive: ['1'], negative: ['0'] },
      });
      expect([prepared.rows, prepared.rejects.rows]).toEqual([0, rejected]);
      const index = await engine.fromBatches(
        ['value', 'sha256'].map((one) => ({ name: one, type: 'string' })),
        [],
      );
      const pictured = await engine.withImages(prepared.table, 'unit', index);
      const parts = await engine.split(pictured, { by: 'hash', column: 'unit', test: 0.2, validation: 0.1 });
      const described = await engine.describe(parts.train, columns);
      expect([described.rows, described.positives, ...described.columns.map(({ present }) => present)]).toEqual([
        0, 0, 0, 0, 0,
      ]);
      await engine.writeParquet(parts.test, path);
      expect(await engine.count(await engine.openParquet([path]))).toBe(0);
    });

    it('counts the different values of all parts by their hashes', async () => {
      const { engine, rows, folder } = ground();
      const paths = await Promise.all(
        halves.map(async ({ table }, half) => {
          const path = join(folder, `hashes-${half}.parquet`);
          await engine.writeParquet(await engine.hashRows(table, ['person']), path);
          return path;
        }),
      );
      const hashes = await engine.openParquet(paths);
      expect(await engine.count(hashes)).toBe(rows);
      const due = new Set(all(rows).map(personOf)).size;
      expect(await engine.countDistinct(hashes, 'h')).toBe(due);
      expect(await engine.countDistinct(halves[0]!.table, 'id')).toBe(rows / 2);
    });

    it('gives each value once, by its bytes', async () => {
      const { engine } = ground();
      const values = await engine.distinctRows(halves[0]!.table, 'words');
      const due = words.filter((word) => word !== null).toSorted(byBytes);
      expect((await engine.collect(values, ['words'])).get('words')?.values).toEqual(due);
      expect(await engine.count(values)).toBe(due.length);
    });

    it('reads times before it is known which rows stay', async () => {
      const { engine, rows } = ground();
      const parts = await Promise.all(
        halves.map(({ table }) => engine.times(table, { column: 'at', format: 'iso-8601' })),
      );
      const due = all(rows)
        .map(timeOf)
        .filter((time) => !Number.isNaN(time))
        .toSorted((a, b) => a - b);
      const times = QuantileSketch.from(parts);
      expect(times.count).toBe(due.length);
      expect(times.quantiles([0, 1])).toEqual([due[0], due.at(-1)]);
    });

    it('describes parts so that they are put together: what it says of all rows at once', async () => {
      const { engine, span } = ground();
      const columns = [
        { name: 'price', type: 'float' },
        { name: 'small', type: 'integer' },
        { name: 'words', type: 'string' },
      ] as const;
      const done: number[] = [];
      const parts = [
        await engine.describe(span.parts.train, columns, (count) => done.push(count)),
        await engine.describe(span.parts.test, columns),
      ];
      expect(done).toEqual([1, 2, 3]);
      const rows = await Promise.all(
        [span.parts.train, span.parts.test].map((part) => engine.collect(part, ['price', 'small', 'words'])),
      );
      const values = (column: string): readonly (string | number | null)[] =>
        rows.flatMap((part) => [...(part.get(column)?.values ?? [])]);
      const merged = mergeStatistics(parts);
      expect(merged.rows).toBe(sum([await engine.count(span.parts.train), await engine.count(span.parts.test)]));
      const positives = await Promise.all([engine.positives(span.parts.train), engine.positives(span.parts.test)]);
      expect(merged.positives).toBe(sum(positives));
      const prices = values('price')
        .map(Number)
        .filter((value) => !Number.isNaN(value));
      const mean = sum(prices) / prices.length;
      const [price, small, word] = merged.columns;
      expect(price).toMatchObject({
        present: prices.length,
        numeric: { min: Math.min(...prices), max: Math.max(...prices) },
      });
      expect(Math.abs((price?.numeric?.mean ?? NaN) / mean - 1)).toBeLessThan(1e-9);
      expect(small?.categorical?.distinct).toBe(13);
      const counted = (column: string): readonly { readonly value: string; readonly count: number }[] => {
        const counts = new Map<string, number>();
        for (const value of values(column))
          if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
        const order = [...counts].toSorted(([a, m], [b, n]) => n - m || byBytes(a, b));
        return order.map(([value, count]) => ({ value, count }));
      };
      expect(small?.categorical?.top).toEqual(counted('small'));
      expect(word?.categorical?.top).toEqual(counted('words'));
      const sketches = parts.flatMap((part) => part.columns.flatMap(({ terms }: PartColumn) => terms?.distinct ?? []));
      // A value has one hash in all parts.
      expect(new Set(sketches.flatMap(({ least }) => least)).size).toBe(13 + 9);
      expect(mergeDistinct(sketches).distinct).toBe(13 + 9);
    });

    it('writes a part of typed rows, which say where they stand', async () => {
      const { engine, folder } = ground();
      const typed = await engine.typed(halves[0]!.table, [{ name: 'id', type: 'string' }], { origin: true });
      const path = join(folder, 'typed-part.parquet');
      await engine.writeParquet(typed, path, { from: 10, to: 13 });
      const part = await engine.collect(await engine.openParquet([path]), ['id', ...Object.values(originColumns)]);
      expect(part.get('id')?.values).toEqual(['r10', 'r11', 'r12']);
      expect(part.get(originColumns.file)?.values).toEqual([0, 1, 2].map(() => nameOf(0)));
      // The rows 1 and 11 take two lines.
      expect(part.get(originColumns.line)?.values).toEqual(Float64Array.of(13, 14, 16));
    });
  });
}
