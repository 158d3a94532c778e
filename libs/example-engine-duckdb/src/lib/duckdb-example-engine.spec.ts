import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BadData, type DataFile, originColumns } from '@adstocrat/example-engine';
import { type Column, reservedColumns } from '@adstocrat/examples';
import { valueVectors } from '@adstocrat/examples/testing';
import { DuckDbExampleEngine } from './duckdb-example-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-engine-'));
const openBandit = resolve(import.meta.dirname, '../../../../test/data/openbandit');
/** The label column of most files here. */
const label = { column: 'y', positive: ['1'], negative: ['0'] };
const personalKey = { id: 'k', secret: Buffer.alloc(32, 7) };
// Node's own.
const pseudonym = (text: string): string =>
  `k-${createHmac('sha256', personalKey.secret).update(text).digest('hex').slice(0, 16)}`;
let engine: DuckDbExampleEngine;
beforeEach(async () => {
  engine = await DuckDbExampleEngine.open({ workDir: folder });
});
afterEach(() => engine.close());
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string | Buffer): DataFile {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { path, name: `gs://bucket/${name}` };
}

describe('scan', () => {
  it('reads quotes, commas and newlines in fields and keeps what is no plain number as text', async () => {
    const scan = await engine.scan([
      file('a.csv', 'n,f,code,big,words\r\n1,0.5,007,9007199254740993,"a, ""b""\nc"\r\n2,1e3,010,1,\r\n'),
    ]);
    expect(scan.rows).toBe(2);
    const kinds = scan.columns.map(({ name, cells }) => [name, Object.entries(cells).filter(([, count]) => count > 0)]);
    expect(kinds).toEqual([
      ['n', [['integer', 2]]],
      ...[
        ['f', [['decimal', 2]]],
        ['code', [['padded', 2]]],
      ],
      [
        'big',
        [
          ['integer', 1],
          ['big', 1],
        ],
      ],
      [
        'words',
        [
          ['empty', 1],
          ['text', 1],
        ],
      ],
    ]);
    const columns = await engine.collect(scan.table, ['words']);
    expect(columns.get('words')?.values).toEqual(['a, "b"\nc', null]);
  });

  it('sets rows with a wrong number of fields aside, by the line on which they begin', async () => {
    const scan = await engine.scan([file('fields.csv', 'a,b\n"two\nlines",1\nshort\nok,2\n1,2,3\n')]);
    expect(scan.rows).toBe(2);
    const name = 'gs://bucket/fields.csv';
    expect(scan.rejects.first).toEqual([
      { file: name, line: 4, reason: 'too few fields: 1, the header has 2', text: 'short' },
      { file: name, line: 6, reason: 'too many fields: 3, the header has 2', text: '1,2,3' },
    ]);
    expect(scan.rejects.reasons.map(({ reason, rows }) => [reason, rows])).toEqual([
      ['too few fields: 1, the header has 2', 1],
      ['too many fields: 3, the header has 2', 1],
    ]);
  });

  it.each([
    ['an empty file', 'empty.csv', '', /empty\.csv is empty: a CSV begins with a header line/],
    ['a header with a gap', 'gap.csv', 'a,,c\n1,2,3\n', /gap\.csv:1: column 2 of the header has no name/],
    ['columns that differ in case', 'case.csv', 'a,A\n1,2\n', /case\.csv:1: columns "a" and "A" differ in case only/],
    ['only a header', 'header.csv', 'a,b\n', /no row can be read from gs:\/\/bucket\/header\.csv/],
    ['a column named twice', 'twice.csv', 'a,a\n1,2\n', /twice\.csv:1: the header names column "a" twice/],
    [
      'what is no UTF-8',
      'latin.csv',
      Buffer.from([0x61, 0xe9, 0x0a, 0x31]),
      /latin\.csv:1: not UTF-8, in what should be the header line/,
    ],
    [
      'a truncated gzip',
      'cut.csv.gz',
      gzipSync(Buffer.from(`a,b\n${'1,2\n'.repeat(50_000)}`)).subarray(0, 200),
      /cut\.csv\.gz is a truncated or damaged gzip/,
    ],
  ])('refuses %s and names it', async (_what, name, content, message) => {
    const scan = engine.scan([file(name, content)]);
    await expect(scan).rejects.toThrow(BadData);
    await expect(scan).rejects.toThrow(message);
  });

  it('reads a quote that never closes as one bad line', async () => {
    const scan = await engine.scan([file('open.csv', 'a,b\n1,2\n3,"4\n5,6\n7,8\n')]);
    expect(scan.rows).toBe(3);
    expect(scan.rejects.first).toMatchObject([
      { line: 3, reason: 'a quote is opened that never closes', text: '3,"4' },
    ]);
  });

  it('counts 150,000 rejects without holding them', async () => {
    const scan = await engine.scan([file('bad.csv', `a,b\n${'1\n'.repeat(150_000)}1,2\n`)]);
    expect([scan.rows, scan.rejects.rows, scan.rejects.first.length]).toEqual([1, 150_000, 1000]);
    expect(await engine.count(scan.rejects.table)).toBe(150_000);
  });

  it('joins shards by the names of their columns, each by its own delimiter, encoding and packing', async () => {
    const scan = await engine.scan([
      file('one.csv', 'a,b\n1,é\n'),
      file('two.txt', gzipSync(Buffer.from('\uFEFFb;a\r\nx,y;2\r\n', 'utf16le'))),
      file('three.csv', ''),
      file('four.csv.gz', ',a,b\n0,3,"q""\n"\n'),
      file('five.csv', zstdCompressSync(Buffer.from('a,b\n'))),
    ]);
    const columns = await engine.collect(scan.table, ['a', 'b']);
    expect([...columns].map(([name, { values }]) => [name, ...values])).toEqual([
      ['a', '1', '2', '3'],
      ['b', 'é', 'x,y', 'q"\n'],
    ]);
    expect(scan.files.map(({ rows, format, unnamedIndex }) => [rows, ...Object.values(format), unnamedIndex])).toEqual([
      [1, 'utf-8', ',', false],
      [1, 'utf-16le', ';', false],
      [0, 'utf-8', ',', false],
      [1, 'utf-8', ',', true],
      [0, 'utf-8', ',', false],
    ]);
  });

  it('refuses shards whose headers differ and says in what', async () => {
    const shards = [file('one.csv', 'a,b\n1,2\n'), file('two.csv.gz', gzipSync(Buffer.from('a,c\n1,2\n')))];
    await expect(engine.scan(shards)).rejects.toThrow(
      /two\.csv\.gz:1: column 2 is "c", in gs:\/\/bucket\/one\.csv it is "b"/,
    );
  });

  it('reads a real click log of 84 columns', async () => {
    const scan = await engine.scan([{ path: join(openBandit, 'log.csv.gz'), name: 'log.csv.gz' }]);
    // As many rows as the sample's authors name; clicks counted by zcat and awk.
    expect(scan.rows).toBe(10_000);
    const cells = (name: string): unknown => scan.columns.find((column) => column.name === name);
    expect(cells('timestamp')).toMatchObject({ cells: { 'iso-8601': 10_000 } });
    expect(cells('item_id')).toMatchObject({ cells: { integer: 10_000 }, distinct: 80 });
  });
});

describe('prepare', () => {
  it('takes the values that are named as labels and rejects the rest by line', async () => {
    const scan = await engine.scan([file('label.csv', 'y,x\n yes,1\nno,2\n\n"may\nbe",3\nno,4\n,5\n')]);
    const label = { column: 'y', positive: ['yes'], negative: ['no'] };
    const prepared = await engine.prepare(scan.table, { columns: [{ name: 'x', type: 'integer' }], label });
    const [name, column] = ['gs://bucket/label.csv', 'y'];
    expect(prepared.rejects.first).toEqual([
      { file: name, line: 5, column, reason: 'the label is neither of its two values', text: 'may\nbe' },
      { file: name, line: 8, column, reason: 'the label is missing' },
    ]);
    const columns = await engine.collect(prepared.table, ['x', reservedColumns.label]);
    expect(columns.get('x')?.values).toEqual(Float64Array.of(1, 2, 4));
    expect(columns.get(reservedColumns.label)?.values).toEqual(Float64Array.of(1, 0, 0));
  });

  it('turns personal columns into the first 16 hex digits of a keyed hash, or into ends of buckets', async () => {
    const scan = await engine.scan([file('personal.csv', 'y,user,account,age\n1,abc,007,37\n0,,7,-0.5\n1,Jefe,7,x\n')]);
    const { table } = await engine.prepare(scan.table, {
      columns: [
        { name: 'user', type: 'string', personal: 'hash' },
        { name: 'account', type: 'integer', personal: 'hash' },
        { name: 'age', type: 'float', personal: { bucket: 10 } },
      ],
      label,
      personalKey,
    });
    const columns = await engine.collect(table, ['user', 'account', 'age']);
    expect(columns.get('user')).toEqual({ type: 'string', values: [pseudonym('abc'), null, pseudonym('Jefe')] });
    expect(columns.get('account')).toEqual({ type: 'string', values: ['7', '7', '7'].map(pseudonym) });
    expect(columns.get('age')).toEqual({ type: 'float', values: Float64Array.of(30, -10, NaN) });
  });

  it('gives one pseudonym to one value, however it is written', async () => {
    const texts = valueVectors.filter(
      ({ raw, text }) => typeof raw === 'string' && typeof text === 'string' && !raw.includes('"'),
    );
    const rows = texts.map(({ raw }) => `1,"${String(raw)}",1.0`).join('\n');
    const scan = await engine.scan([file('one-value.csv', `y,user,account\n${rows}\n`)]);
    const { table } = await engine.prepare(scan.table, {
      columns: [
        { name: 'user', type: 'string', personal: 'hash' },
        { name: 'account', type: 'float', personal: 'hash' },
      ],
      label,
      personalKey,
    });
    const columns = await engine.collect(table, ['user', 'account']);
    expect(columns.get('user')?.values).toEqual(texts.map(({ text }) => pseudonym(text ?? '')));
    expect(columns.get('account')?.values).toEqual(texts.map(() => pseudonym('1')));
  });

  it('reads event times with and without a zone as Unix milliseconds', async () => {
    const scan = await engine.scan([
      file('time.csv', 'y,at\n1,2026-01-01 00:00:00.25\n0,2026-01-01T01:00:00+01:00\n1,2026-01-01T00:00:01Z\n'),
    ]);
    const prepared = await engine.prepare(scan.table, {
      columns: [{ name: 'at', type: 'string' }],
      label,
      eventTime: { column: 'at', format: 'iso-8601' },
    });
    const columns = await engine.collect(prepared.table, [reservedColumns.timeMs]);
    const midnight = Date.UTC(2026, 0, 1);
    expect(columns.get(reservedColumns.timeMs)?.values).toEqual(
      Float64Array.of(midnight + 250, midnight, midnight + 1000),
    );
  });
});

describe('aggregates', () => {
  it('are the same for one thread and for many', async () => {
    const rows = Array.from(
      { length: 30_000 },
      (_, row) => `${(Math.sin(row) * 1e6).toFixed(3)},${row % 7 === 0 ? '' : `v${(row * row) % 113}`},${row % 2}`,
    );
    const csv = file('many.csv', `x,c,y\n${rows.join('\n')}\n`);
    const facts = [];
    for (const threads of [1, 4]) {
      const one = await DuckDbExampleEngine.open({ workDir: folder, threads });
      const scan = await one.scan([csv]);
      const { table } = await one.prepare(scan.table, {
        columns: [
          { name: 'x', type: 'float' },
          { name: 'c', type: 'string' },
        ],
        label,
      });
      const split = await one.split(table, { by: 'hash', column: 'c', test: 0.2, validation: 0.1 });
      facts.push({
        moments: await one.moments(table, 'x'),
        quantiles: await one.quantiles(table, 'x', [0, 0.25, 0.5, 1]),
        terms: await one.vocabulary(table, 'c', { limit: 20 }),
        counts: [await one.count(split.train), await one.count(split.validation), await one.count(split.test)],
      });
      await one.close();
    }
    expect(facts[0]).toEqual(facts[1]);
    expect(facts[0]?.counts.reduce((a, b) => a + b)).toBe(30_000);
  });

  it('agree with a derivation', async () => {
    const scan = await engine.scan([file('five.csv', 'x,c,y\n1,b,1\n2,a,0\n3,a,0\n4,b,1\n,,1\n')]);
    const { table } = await engine.prepare(scan.table, {
      columns: [
        { name: 'x', type: 'float' },
        { name: 'c', type: 'string' },
      ],
      label,
    });
    // Mean 2.5; squares of the deviations 2.25, 0.25, 0.25, 2.25 have mean 1.25.
    expect(await engine.moments(table, 'x')).toEqual({
      count: 4,
      missing: 1,
      mean: 2.5,
      deviation: Math.sqrt(1.25),
      min: 1,
      max: 4,
    });
    // A tie of counts goes by bytes.
    expect(await engine.vocabulary(table, 'c')).toEqual({
      terms: [
        { value: 'a', count: 2 },
        { value: 'b', count: 2 },
      ],
      distinct: 2,
    });
    expect(await engine.positives(table)).toBe(3);
  });
});

describe('rows of live traffic', () => {
  const texts = [
    { name: 'n', type: 'string' },
    { name: 'f', type: 'string' },
    { name: 's', type: 'string' },
    { name: reservedColumns.label, type: 'integer' },
  ] as const;
  const rows = (values: readonly (readonly [string | null, string | null, string | null])[]) => ({
    rows: values.length,
    columns: new Map<string, Column>([
      ['n', { type: 'string', values: values.map(([n]) => n) }],
      ['f', { type: 'string', values: values.map(([, f]) => f) }],
      ['s', { type: 'string', values: values.map(([, , s]) => s) }],
      [reservedColumns.label, { type: 'integer', values: Float64Array.from(values, () => 1) }],
    ]),
  });
  const shard = async (file: string, ...batches: ReturnType<typeof rows>[]): Promise<string> => {
    const path = join(folder, file);
    await engine.writeParquet(await engine.fromBatches(texts, batches), path);
    return path;
  };

  it('come back typed, in order, over files and batches; a column that no file has is missing', async () => {
    const one = await shard('one.parquet', rows([['1', '0.5', 'a']]), rows([[null, null, null]]));
    const two = await shard('two.parquet', rows([['-7', '1e+21', '']]));
    const types = [...texts.slice(0, 3).map((column) => column.name), 'new'];
    const read = await engine.readTexts(
      [one, two].map((path) => ({ path, name: path })),
      types.map((column) => ({ name: column, type: column === 'n' ? 'integer' : column === 's' ? 'string' : 'float' })),
    );
    expect(read).toMatchObject({ rows: 3, rejectedRows: 0, rejects: [] });
    const columns = await engine.collect(read.table, [...types, reservedColumns.label]);
    expect(columns.get('n')?.values).toEqual(Float64Array.of(1, NaN, -7));
    expect(columns.get('f')?.values).toEqual(Float64Array.of(0.5, NaN, 1e21));
    expect(columns.get('s')?.values).toEqual(['a', null, '']);
    expect(columns.get('new')).toEqual({ type: 'float', values: Float64Array.of(NaN, NaN, NaN) });
    expect(await engine.positives(read.table)).toBe(3);
  });

  it('are rejected one by one where a value does not fit, with file, row and value', async () => {
    const path = await shard(
      'bad.parquet',
      rows([
        ['1', '1', 'good'],
        ['Infinity', '1', 'x'],
        ['1e30', '1', 'x'],
        ['2.5', '1', 'x'],
        ['9007199254740993', '1', 'x'],
        ['red', '1', 'x'],
        ['1', '-Infinity', 'x'],
        ['1', 'red', 'x'],
        ['1', '1', 'a\u0000b'],
        ['9007199254740992', '1', 'good'],
      ]),
    );
    const types = [
      { name: 'n', type: 'integer' },
      { name: 'f', type: 'float' },
      { name: 's', type: 'string' },
    ] as const;
    const read = await engine.readTexts([{ path, name: 'live/7' }], types);
    expect(read.rows).toBe(2);
    expect(read.rejectedRows).toBe(8);
    const said = read.rejects.map(
      ({ file, line, column, reason, text }) => `${file}:${line}: ${column}: "${text}" ${reason}`,
    );
    expect(said).toEqual([
      'live/7:2: n: "Infinity" is no whole number up to 2^53',
      'live/7:3: n: "1e30" is no whole number up to 2^53',
      'live/7:4: n: "2.5" is no whole number up to 2^53',
      'live/7:5: n: "9007199254740993" is no whole number up to 2^53',
      'live/7:6: n: "red" is no whole number up to 2^53',
      'live/7:7: f: "-Infinity" is no finite number',
      'live/7:8: f: "red" is no finite number',
      'live/7:9: s: "a\\0b" holds a NUL',
    ]);
    expect((await engine.collect(read.table, ['s'])).get('s')?.values).toEqual(['good', 'good']);
  });
});

describe('Parquet files', () => {
  it.each([1, 4])('are read in the order of files and rows by %i threads, and not held', async (threads) => {
    // More row groups than threads, in files of other sizes.
    const sizes = [300_000, 10, 200_001];
    const paths: string[] = [];
    let first = 0;
    for (const [index, rows] of sizes.entries()) {
      const [from, path] = [first, join(folder, `order-${threads}-${index}.parquet`)];
      const values = Float64Array.from({ length: rows }, (_, row) => from + row);
      const batch = { rows, columns: new Map([['n', { type: 'integer', values } as const]]) };
      await engine.writeParquet(await engine.fromBatches([{ name: 'n', type: 'integer' }], [batch]), path);
      paths.push(path);
      first += rows;
    }
    const one = await DuckDbExampleEngine.open({ workDir: folder, threads });
    const relation = await one.openParquet(paths);
    expect(await one.count(relation)).toBe(first);
    let next = 0;
    for await (const { rows, columns } of one.batches(relation, { columns: ['n'] })) {
      const values = columns.get('n')!.values as Float64Array;
      for (let row = 0; row < rows; row += 1) if (values[row] !== next + row) expect(values[row]).toBe(next + row);
      next += rows;
    }
    expect(next).toBe(first);
    await one.close();
  });
});

describe('files of a split', () => {
  // A table that lacks some keys of the rows, as some rows lack a key, and has one row without any.
  const weights = `x,w\n${Array.from({ length: 900 }, (_, key) => `v${key},w${key}`).join('\n')}\n,none\n`;
  it.each([
    { of: 'as they are', table: undefined },
    { of: 'joined with a table', table: weights },
  ])('have their rows in order, and the same bytes, whether one thread writes them or several: $of', async (given) => {
    // The rows that are kept begin and end within groups of rows, of which there are several.
    const rows = Array.from({ length: 300_000 }, (_, row) => {
      const key = row % 50 === 0 ? '' : `v${row % 997}`;
      return `${row % 2},${1_767_225_600 + row},${key}`;
    });
    const data = file('cut.csv', `y,at,x\n${rows.join('\n')}\n`);
    const table = given.table === undefined ? undefined : file('weights.csv', given.table);
    const written: string[] = [];
    for (const threads of [1, 2, 4]) {
      const one = await DuckDbExampleEngine.open({ workDir: folder, threads });
      const scanned = (await one.scan([data])).table;
      const all = table === undefined ? scanned : await one.join(scanned, (await one.scan([table])).table, 'x');
      const prepared = await one.prepare(all, {
        columns: ['x', ...(table === undefined ? [] : ['w'])].map((name) => ({ name, type: 'string' })),
        label,
        eventTime: { column: 'at', format: 'epoch-seconds' },
      });
      const testAfterMs = (1_767_225_600 + 130_000) * 1000;
      const { test } = await one.split(prepared.table, { by: 'time', testAfterMs, validationAfterMs: testAfterMs });
      let last = testAfterMs;
      for await (const { columns } of one.batches(test, { columns: [reservedColumns.timeMs] })) {
        const times = columns.get(reservedColumns.timeMs)!.values as Float64Array;
        expect(times.findIndex((time, row) => time !== last + 1000 * (row + 1))).toBe(-1);
        last = times.at(-1) ?? NaN;
      }
      expect(last).toBe((1_767_225_600 + 299_999) * 1000);
      const path = join(folder, `cut-${threads}.parquet`);
      await one.writeParquet(test, path);
      written.push(createHash('sha256').update(readFileSync(path)).digest('hex'));
      await one.close();
    }
    expect(new Set(written).size).toBe(1);
  });
});

describe('split', () => {
  it.each(['user', 'current_user', 'e', 'm', 'a', 'select'])(
    'puts a fifth of the values of a column named %s aside',
    async (column) => {
      const rows = Array.from({ length: 4000 }, (_, row) => `v${row % 2000},${row % 2}`);
      const scan = await engine.scan([file(`split-${column}.csv`, `${column},y\n${rows.join('\n')}\n`)]);
      const { table } = await engine.prepare(scan.table, { columns: [{ name: column, type: 'string' }], label });
      const { test, train } = await engine.split(table, { by: 'hash', column, test: 0.2, validation: 0.1 });
      // Two rows a value; Binomial(2000, 0.2): mean 400, deviation 18; five deviations.
      expect(Math.abs((await engine.count(test)) / 2 - 400)).toBeLessThan(90);
      const [held, kept] = [new Set(await engine.distinct(test, column)), await engine.distinct(train, column)];
      expect(kept.filter((value) => held.has(value))).toEqual([]);
    },
  );
});

describe('a session', () => {
  it('answers several readers at once, and reads while it writes', async () => {
    const rows = Array.from({ length: 30_000 }, (_, row) => `u${row},${row % 2}`);
    const scan = await engine.scan([file('readers.csv', `u,y\n${rows.join('\n')}\n`)]);
    const { table } = await engine.prepare(scan.table, { columns: [{ name: 'u', type: 'string' }], label });
    const [one, two, split] = await Promise.all([
      engine.collect(table, ['u']),
      engine.collect(table, [reservedColumns.label]),
      engine.split(table, { by: 'hash', column: 'u', test: 0.2, validation: 0.1 }),
    ]);
    expect(one.get('u')?.values).toHaveLength(30_000);
    expect(two.get(reservedColumns.label)?.values).toHaveLength(30_000);
    // Binomial(30000, 0.2): mean 6000, deviation 69; (30000, 0.1): 3000, 52; five deviations.
    expect(Math.abs((await engine.count(split.test)) - 6000)).toBeLessThan(345);
    expect(Math.abs((await engine.count(split.validation)) - 3000)).toBeLessThan(260);
  });

  it('ends what it is at when it is told to', async () => {
    const told = new AbortController();
    const cut = await DuckDbExampleEngine.open({ workDir: folder, signal: told.signal });
    const rows = Array.from({ length: 200_000 }, (_, row) => `${row},${row % 2}`);
    const scan = await cut.scan([file('cut.csv', `x,y\n${rows.join('\n')}\n`)]);
    const reading = (async () => {
      for await (const batch of cut.batches(scan.table, { batchRows: 1000 }))
        if (batch.rows > 0) told.abort(new Error('told to end'));
    })();
    await expect(reading).rejects.toThrow('told to end');
    await cut.close();
  });
});

describe('join', () => {
  it('adds the columns of the matching row and leaves the others missing', async () => {
    const examples = await engine.scan([file('left.csv', 'k,y\n2,1\n1,0\n3,1\n')]);
    const table = await engine.scan([file('right.csv', 'k,colour\n1,red\n2,blue\n')]);
    const joined = await engine.join(examples.table, table.table, 'k');
    expect((await engine.collect(joined, ['k', 'colour'])).get('colour')?.values).toEqual(['blue', 'red', null]);
    const path = join(folder, 'joined.parquet');
    await engine.writeParquet(joined, path);
    const written = await engine.collect(await engine.openParquet([path]), ['k', 'colour']);
    expect(written.get('colour')?.values).toEqual(['blue', 'red', null]);
  });

  it('refuses a key that is there twice', async () => {
    const examples = await engine.scan([file('left2.csv', 'k,y\n2,1\n')]);
    const table = await engine.scan([file('right2.csv', 'k,c\n1,red\n1,blue\n')]);
    await expect(engine.join(examples.table, table.table, 'k')).rejects.toThrow('key k = "1" more than once');
  });
});

describe('typed with its origin', () => {
  it('says where each row stands, over files and rejects, and writes a part of the rows', async () => {
    const files = [file('one.csv', 'a,b\n1,x\n2,"two\nlines"\n3\n4,y\n'), file('two.csv', 'b,a\nz,5\n')];
    const scan = await engine.scan(files);
    // Columns may be called as the engine's own helpers are.
    const typed = await engine.typed(scan.table, [{ name: 'a', type: 'integer' }], { origin: true });
    const path = join(folder, 'part.parquet');
    await engine.writeParquet(typed, path, { from: 1, to: 4 });
    const part = await engine.collect(await engine.openParquet([path]), ['a', originColumns.file, originColumns.line]);
    expect(part.get('a')?.values).toEqual(Float64Array.of(2, 4, 5));
    const [one, two] = files.map(({ name }) => name);
    expect(part.get(originColumns.file)?.values).toEqual([one, one, two]);
    // The record of two lines begins on the third; the short one is on the fifth.
    expect(part.get(originColumns.line)?.values).toEqual(Float64Array.of(3, 6, 2));
  });
});
