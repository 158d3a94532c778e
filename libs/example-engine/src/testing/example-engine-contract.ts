import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BadData, type ExampleEngine, type Relation, splitPoint } from '../index.ts';
import { canonicalText, type Column, reservedColumns, splits, Zone } from '@adstocrat/examples';
import { valueVectors } from '@adstocrat/examples/testing';
import { isRejected, personOf, sampleFiles, sampleSpan, type SampleSpan, timeOf, words } from './sample-span.ts';
import { shardsContract } from './shards-contract.ts';

/** An adapter under test. */
export interface EngineUnderTest {
  open(workDir: string): Promise<ExampleEngine>;
  close(): Promise<void>;
}

const rows = 3000;
const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => !isRejected(row));
/** Node's own keyed hash. */
const pseudonym = (text: string): string =>
  `k-${createHmac('sha256', new Uint8Array(32).fill(7)).update(text).digest('hex').slice(0, 16)}`;

/** What every {@link ExampleEngine} keeps. */
export function exampleEngineContract(name: string, start: () => Promise<EngineUnderTest>): void {
  describe(`${name} as an example engine`, { timeout: 240_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'adstocrat-engine-contract-'));
    const file = (named: string, content: string): string => {
      const path = join(folder, named);
      writeFileSync(path, content);
      return path;
    };
    let subject: EngineUnderTest;
    let engine: ExampleEngine;
    let span: SampleSpan;
    beforeAll(async () => {
      subject = await start();
      engine = await subject.open(join(folder, 'work'));
      const files = sampleFiles(rows);
      span = await sampleSpan(engine, {
        impressions: file('impressions.csv', files.impressions),
        people: file('people.csv', files.people),
      });
    }, 480_000);
    afterAll(async () => {
      await engine.close();
      await subject.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const collected = async (column: string): Promise<Column['values']> =>
      (await engine.collect(span.prepared.table, [column])).get(column)?.values ?? [];

    it('sets rows without a usable label or time aside, by line', () => {
      expect(span.prepared.rows).toBe(kept.length);
      const { first, reasons, rows: rejected } = span.prepared.rejects;
      expect(rejected).toBe(rows - kept.length);
      expect(reasons.map(({ reason, rows: count }) => [reason, count])).toEqual([
        ['the label is neither of its two values', 6],
        ['the event time is not iso-8601', 4],
      ]);
      expect(first.map(({ file: where, column, text }) => [where, column, text])).toEqual(
        Array.from({ length: rows }, (_, row) => row)
          .filter(isRejected)
          .map((row) => [
            'gs://bucket/impressions.csv',
            ...(row % 500 === 499 ? ['clicked', 'perhaps'] : ['at', 'soon']),
          ]),
      );
      // Every tenth row has a line end in its words, (row × 31) % 10 = 1: the rows 1, 11, …
      expect(first[0]?.line).toBe(2 + 499 + 50);
    });

    it('types cells, in the order of the rows', async () => {
      // By hand, of the spellings that the sample goes through.
      const read = [NaN, NaN, 5, 1000, NaN, -0, 0.1, 9007199254740992, NaN, NaN];
      const prices = kept.map((row) => (row % 3 === 0 ? (read[(row / 3) % 10] ?? NaN) : ((row * 7919) % 10_007) / 8));
      expect([...(await collected('price'))].map((value) => value ?? NaN)).toEqual(prices);
      expect(await collected(reservedColumns.id)).toEqual(kept.map((row) => `r${row}`));
      expect(await collected('person')).toEqual(kept.map((row) => pseudonym(`p${personOf(row)}`)));
      expect(await collected('words')).toEqual(kept.map((row) => words[(row * 31) % 10]));
      expect([...(await collected(reservedColumns.label))]).toEqual(kept.map((row) => (row % 4 === 0 ? 1 : 0)));
      expect([...(await collected(reservedColumns.timeMs))]).toEqual(kept.map(timeOf));
    });

    it('reads years of two digits beside those of four', async () => {
      const lines = ['1,12/31/25 3:04 PM,', '0,1/2/2026,', '1,31/12/25,', '0,12-31-69 23:00,'];
      const path = file('years.csv', `y,at,none\n${lines.join('\n')}\n`);
      const { table } = await engine.scan([{ path, name: 'years.csv' }]);
      const prepared = await engine.prepare(table, {
        columns: [{ name: 'none', type: 'string' }],
        label: { column: 'y', positive: ['1'], negative: ['0'] },
        eventTime: { column: 'at', format: 'mm/dd/yy' },
      });
      expect(prepared.rejects).toMatchObject({
        rows: 1,
        first: [{ line: 4, reason: 'the event time is not mm/dd/yy' }],
      });
      const times = (await engine.collect(prepared.table, [reservedColumns.timeMs])).get(reservedColumns.timeMs);
      expect(times?.values).toEqual(
        Float64Array.of(Date.UTC(2025, 11, 31, 15, 4), Date.UTC(2026, 0, 2), Date.UTC(2069, 11, 31, 23)),
      );
    });

    it('reads times without a zone by the clock of one', async () => {
      const path = file('zone.csv', 'y,at,none\n1,2026-07-01 12:00:00,\n0,2026-07-01T12:00:00Z,\n');
      const { table } = await engine.scan([{ path, name: 'zone.csv' }]);
      const prepared = await engine.prepare(table, {
        columns: [{ name: 'none', type: 'string' }],
        label: { column: 'y', positive: ['1'], negative: ['0'] },
        eventTime: { column: 'at', format: 'iso-8601', zone: Zone.of('Europe/Berlin') },
      });
      expect(prepared.rejects).toMatchObject({ rows: 0, first: [], reasons: [] });
      const times = (await engine.collect(prepared.table, [reservedColumns.timeMs])).get(reservedColumns.timeMs);
      // Berlin is two hours ahead in July.
      expect(times?.values).toEqual(Float64Array.of(Date.UTC(2026, 6, 1, 10), Date.UTC(2026, 6, 1, 12)));
    });

    it('gives rows that agree in some cells one id, the digest of these', async () => {
      const path = file('copies.csv', 'y,word,price\n1,ä,1.50\n0,ä,1.50\n0,ä,1.5\n0,,1.5\n');
      const { table } = await engine.scan([{ path, name: 'copies.csv' }]);
      const prepared = await engine.prepare(table, {
        columns: [
          { name: 'word', type: 'string' },
          { name: 'price', type: 'float' },
        ],
        label: { column: 'y', positive: ['1'], negative: ['0'] },
        contentId: ['word', 'price'],
      });
      const ids = (await engine.collect(prepared.table, [reservedColumns.id])).get(reservedColumns.id)?.values;
      const digest = (text: string): string => createHash('md5').update(text).digest('hex');
      // As they are written, with what separates units, and what stands for a cell that is missing.
      expect(ids).toEqual(['ä\u001f1.50', 'ä\u001f1.50', 'ä\u001f1.5', '\u001e\u001f1.5'].map(digest));
    });

    it('takes declared columns for files without a header line', async () => {
      const path = file('no-header.tsv', '1\t2026-07-01\tx\n0\t2026-07-02\ty\n');
      const { table, columns } = await engine.scan([{ path, name: 'no-header.tsv' }], {
        columns: { names: ['y', 'at', 'word'], key: 'data.columns' },
      });
      expect(columns.map(({ name }) => name)).toEqual(['y', 'at', 'word']);
      const prepared = await engine.prepare(table, {
        columns: [{ name: 'word', type: 'string' }],
        label: { column: 'y', positive: ['1'], negative: ['0'] },
        eventTime: { column: 'at', format: 'iso-8601' },
      });
      expect(prepared.rows).toBe(2);
      const found = await engine.collect(prepared.table, ['word', reservedColumns.label, reservedColumns.timeMs]);
      expect(found.get('word')?.values).toEqual(['x', 'y']);
      expect([...(found.get(reservedColumns.label)?.values ?? [])]).toEqual([1, 0]);
      expect([...(found.get(reservedColumns.timeMs)?.values ?? [])]).toEqual(
        [1, 2].map((day) => Date.UTC(2026, 6, day)),
      );
    });

    it('joins by key and leaves the rest missing; buckets what is personal', async () => {
      const known = (row: number): boolean => personOf(row) < 200;
      expect(await collected('kind')).toEqual(kept.map((row) => (known(row) ? `k${personOf(row) % 7}` : null)));
      const ages = kept.map((row) => (known(row) ? Math.floor((20 + (personOf(row) % 50)) / 10) * 10 : NaN));
      expect([...(await collected('age'))]).toEqual(ages);
    });

    it('puts a value on the side that splitPoint says', async () => {
      const sideOf = (row: number): string => {
        const point = splitPoint(pseudonym(`p${personOf(row)}`));
        return point < 0.2 ? 'test' : point < 0.2 + 0.1 ? 'validation' : 'train';
      };
      for (const split of splits) {
        const due = kept.filter((row) => sideOf(row) === split);
        expect(await engine.count(span.parts[split])).toBe(due.length);
        expect(await engine.positives(span.parts[split])).toBe(due.filter((row) => row % 4 === 0).length);
        const ids = await engine.collect(span.parts[split], [reservedColumns.id]);
        expect(ids.get(reservedColumns.id)?.values).toEqual(due.map((row) => `r${row}`));
      }
    });

    it.each<[what: string, rule: object, positives: number, rows: number]>([
      ['sets rows without a label aside', { positive: ['1'], negative: ['0'] }, 1, 2],
      ['takes rows without a label for negative', { positive: ['1'], negative: ['0'], unlabelled: 'negative' }, 1, 4],
      ['takes every other value for negative', { positive: ['1'], unlabelled: 'negative' }, 1, 5],
      ['takes every other value for positive', { negative: ['0'], unlabelled: 'negative' }, 2, 5],
    ])('%s', async (what, rule, positives, rows) => {
      const path = file(`${what}.csv`, 'y,x\n1,a\n0 ,b\n"",c\n"  ",d\n12:07,e\n');
      const { table } = await engine.scan([{ path, name: path }]);
      const label = { column: 'y', ...rule };
      const { table: prepared } = await engine.prepare(table, { columns: [{ name: 'x', type: 'string' }], label });
      expect([await engine.positives(prepared), await engine.count(prepared)]).toEqual([positives, rows]);
    });

    it('trains on rows that have no unit', async () => {
      const path = file('no-unit.csv', 'y,unit\n1,\n0,\n');
      const { table } = await engine.scan([{ path, name: 'no-unit.csv' }]);
      const label = { column: 'y', positive: ['1'], negative: ['0'] };
      const prepared = await engine.prepare(table, { columns: [{ name: 'unit', type: 'string' }], label });
      const parts = await engine.split(prepared.table, { by: 'hash', column: 'unit', test: 0.2, validation: 0.1 });
      expect(await Promise.all(splits.map((split) => engine.count(parts[split])))).toEqual([2, 0, 0]);
      const empty = join(folder, 'empty.parquet');
      await engine.writeParquet(parts.test, empty);
      expect(await engine.count(await engine.openParquet([empty]))).toBe(0);
    });

    it('splits by time', async () => {
      const [testAfterMs, validationAfterMs] = [Date.UTC(2026, 0, 20), Date.UTC(2026, 0, 15)];
      const parts = await engine.split(span.prepared.table, { by: 'time', testAfterMs, validationAfterMs });
      const times = [...(await collected(reservedColumns.timeMs))].map(Number);
      expect(await engine.count(parts.test)).toBe(times.filter((time) => time > testAfterMs).length);
      expect(await engine.count(parts.train)).toBe(times.filter((time) => time <= validationAfterMs).length);
    });

    it('describes numbers: moments within 1e-9, nearest ranks exactly', async () => {
      const ids = await engine.collect(span.parts.train, ['price', 'small']);
      const present = [...(ids.get('price')?.values ?? [])].map(Number).filter((value) => !Number.isNaN(value));
      const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
      const deviation = Math.sqrt(present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length);
      const moments = await engine.moments(span.parts.train, 'price');
      expect(moments).toMatchObject({ count: present.length, min: Math.min(...present), max: Math.max(...present) });
      expect(Math.abs(moments.mean / mean - 1)).toBeLessThan(1e-9);
      expect(Math.abs(moments.deviation / deviation - 1)).toBeLessThan(1e-9);
      const sorted = present.toSorted((a, b) => a - b);
      const shares = [0, 0.01, 0.3, 0.5, 0.7, 0.99999, 1];
      const ranks = shares.map((share) => Math.max(1, Math.ceil(Math.round(share * present.length * 1e6) / 1e6)));
      const found = await engine.quantiles(span.parts.train, 'price', shares);
      // −0 and 0 are one value, which either stands for.
      expect(found.map((value) => value + 0)).toEqual(ranks.map((rank) => (sorted[rank - 1] ?? NaN) + 0));
    });

    it('counts values, ties by their bytes', async () => {
      const counts = new Map<string, number>();
      for (const value of await collected('words')) {
        if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
      }
      const bytes = (text: string): string => Buffer.from(text).toString('hex');
      const order = [...counts].toSorted(([a, m], [b, n]) => n - m || (bytes(a) < bytes(b) ? -1 : 1));
      const terms = order.map(([value, count]) => ({ value, count }));
      expect(await engine.vocabulary(span.prepared.table, 'words')).toEqual({ terms, distinct: 9 });
      expect(await engine.vocabulary(span.prepared.table, 'words', { limit: 2 })).toEqual({
        terms: terms.slice(0, 2),
        distinct: 9,
      });
      const small = await engine.vocabulary(span.prepared.table, 'small', { limit: 1 });
      expect(small.distinct).toBe(13);
      expect(await engine.distinct(span.prepared.table, 'kind')).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6']);
    });

    it('writes rows in order and reads them in batches', async () => {
      const path = join(folder, 'train.parquet');
      await engine.writeParquet(span.parts.train, path);
      const written = await engine.openParquet([path]);
      const all = ['person', 'price', 'words', 'small', 'age', 'kind', ...Object.values(reservedColumns).slice(0, 3)];
      expect(await engine.collect(written, all)).toEqual(await engine.collect(span.parts.train, all));
      const sizes: number[] = [];
      for await (const batch of engine.batches(span.parts.train, { columns: ['small'], batchRows: 500 }))
        sizes.push(batch.rows);
      expect(sizes.slice(0, -1).every((size) => size === 500)).toBe(true);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(await engine.count(span.parts.train));
    });

    it('takes rows that lie evenly among all, in their order', async () => {
      const path = join(folder, 'even.parquet');
      await engine.writeParquet(span.parts.train, path);
      const all = await engine.openParquet([path]);
      const ids = async (relation: Relation) =>
        (await engine.collect(relation, [reservedColumns.id])).get(reservedColumns.id)?.values as readonly string[];
      const [whole, part] = [await ids(all), await ids(await engine.evenRows(all, 100))];
      const step = Math.ceil(whole.length / 100);
      expect(part).toEqual(whole.filter((_, row) => (row + 1) % step === 0));
      expect(await ids(await engine.evenRows(all, whole.length))).toEqual(whole);
    });

    it('adds images by the values of a column', async () => {
      const digests = new Map([
        ['k1', 'a'.repeat(64)],
        ['k5', 'b'.repeat(64)],
      ]);
      const values = (of: Iterable<string>): Column => ({ type: 'string', values: [...of] });
      const index = await engine.fromBatches(
        [
          { name: 'value', type: 'string' },
          { name: 'sha256', type: 'string' },
        ],
        [
          {
            rows: digests.size,
            columns: new Map([
              ['value', values(digests.keys())],
              ['sha256', values(digests.values())],
            ]),
          },
        ],
      );
      const pictured = await engine.withImages(span.prepared.table, 'kind', index);
      const found = await engine.collect(pictured, ['kind', reservedColumns.image]);
      const kinds = [...(found.get('kind')?.values ?? [])].map(String);
      expect(found.get(reservedColumns.image)?.values).toEqual(kinds.map((kind) => digests.get(kind) ?? null));
    });

    it('gathers what was set aside into one file', async () => {
      const more = await engine.rejects([{ file: 'x.png', line: 0, reason: 'no image' }]);
      const all = await engine.union([span.prepared.rejects.table, more.table]);
      expect(await engine.count(all)).toBe(11);
      const path = join(folder, 'rejects.parquet');
      await engine.writeParquet(all, path);
      const lines = await engine.collect(await engine.openParquet([path]), ['file', 'reason']);
      expect(lines.get('file')?.values.at(-1)).toBe('x.png');
      expect(lines.get('reason')?.values[0]).toBe('the label is neither of its two values');
    });

    it('refuses a join by a key that is there twice, or not at all', async () => {
      const examples = await engine.scan([{ path: file('left.csv', 'k,y\n2,1\n'), name: 'left.csv' }]);
      const twice = await engine.scan([{ path: file('twice.csv', 'k,c\n1,red\n1,blue\n'), name: 'twice.csv' }]);
      await expect(engine.join(examples.table, twice.table, 'k')).rejects.toThrow(BadData);
      await expect(engine.join(examples.table, twice.table, 'k')).rejects.toThrow('key k = "1" more than once');
      await expect(engine.join(examples.table, twice.table, 'c')).rejects.toThrow('no column "c"');
    });

    it('takes a number of a Parquet file for the text that it is in JSON and in a request', async () => {
      const vectors = valueVectors.flatMap(({ raw, text }) =>
        typeof raw === 'number' && Number.isFinite(raw) && typeof text === 'string' ? [{ raw, text }] : [],
      );
      const texts = vectors.map(({ text }) => text);
      const values = Float64Array.of(...vectors.map(({ raw }) => raw), NaN);
      const names = ['n', 'hashed', 'number'];
      const numbers = await engine.fromBatches(
        [...names.map((one) => ({ name: one, type: 'float' as const })), { name: 'y', type: 'integer' }],
        [
          {
            rows: values.length,
            columns: new Map<string, Column>([
              ...names.map((one) => [one, { type: 'float', values }] as const),
              ['y', { type: 'integer', values: new Float64Array(values.length) }],
            ]),
          },
        ],
      );
      const path = join(folder, 'numbers.parquet');
      await engine.writeParquet(numbers, path);
      const keys = file('keys.csv', ['n,kind', ...texts.map((text) => `${text},kind of ${text}`)].join('\n'));
      const [scan, table] = [
        await engine.scan([{ path, name: 'numbers.parquet' }]),
        await engine.scan([{ path: keys, name: 'keys.csv' }]),
      ];
      const { table: prepared } = await engine.prepare(await engine.join(scan.table, table.table, 'n'), {
        columns: [
          { name: 'n', type: 'string' },
          { name: 'kind', type: 'string' },
          { name: 'hashed', type: 'float', personal: 'hash' },
          { name: 'number', type: 'float' },
        ],
        label: { column: 'y', positive: ['1'], negative: ['0'] },
        id: 'n',
        personalKey: { id: 'k', secret: new Uint8Array(32).fill(7) },
      });
      const found = await engine.collect(prepared, ['n', 'kind', 'hashed', reservedColumns.id]);
      const of = (column: string): unknown => found.get(column)?.values;
      const own = (of('n') as readonly (string | null)[]).map((value) => value && canonicalText(value));
      expect(own).toEqual([...texts, null]);
      expect(of('kind')).toEqual([...texts.map((text) => `kind of ${text}`), null]);
      expect(of('hashed')).toEqual([...texts.map(pseudonym), null]);
      expect(of(reservedColumns.id)).toEqual([...texts, null]);
      for (const column of ['n', 'number']) {
        const counts: number[] = [];
        for (const text of texts) counts.push(await engine.countOf(prepared, column, new Set([text])));
        expect(counts).toEqual(texts.map(() => 1));
      }
      expect(await engine.count(await engine.without(prepared, 'number', new Set(texts)))).toBe(1);
    });

    it('takes rows of live traffic', async () => {
      const n: Column = { type: 'string', values: ['1', 'red', null] };
      const live = await engine.fromBatches(
        [{ name: 'n', type: 'string' }],
        [{ rows: 3, columns: new Map([['n', n]]) }],
      );
      const path = join(folder, 'live.parquet');
      await engine.writeParquet(live, path);
      const read = await engine.readTexts([{ path, name: 'live' }], [{ name: 'n', type: 'integer' }]);
      expect([read.rows, read.rejectedRows]).toEqual([2, 1]);
    });

    it('puts relations after each other by the names of their columns, whatever they are called', async () => {
      const typed = async (path: string, text: string): Promise<Relation> => {
        const { table, columns } = await engine.scan([{ path: file(path, text), name: path }]);
        return engine.typed(
          table,
          columns.map(({ name }) => ({ name, type: 'string' })),
        );
      };
      const all = await engine.union([await typed('u.csv', 'Part,x\na,1\nb,2\n'), await typed('v.csv', 'x,y\n3,4\n')]);
      const found = await engine.collect(all, ['Part', 'x', 'y']);
      expect([...found.values()].map(({ values }) => values)).toEqual([
        ['a', 'b', null],
        ['1', '2', '3'],
        [null, null, '4'],
      ]);
    });

    shardsContract(() => ({ engine, span, rows, folder, file }));
  });
}
