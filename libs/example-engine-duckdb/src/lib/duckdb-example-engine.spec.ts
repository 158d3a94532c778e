import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BadData, type CsvFile } from '@adstocrat/example-engine';
import { type Column, reservedColumns } from '@adstocrat/examples';
import { valueVectors } from '@adstocrat/examples/testing';
import { DuckDbExampleEngine } from './duckdb-example-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-engine-'));
const openBandit = resolve(import.meta.dirname, '../../../../test/data/openbandit');
let engine: DuckDbExampleEngine;
beforeEach(async () => {
  engine = await DuckDbExampleEngine.open({ workDir: folder });
});
afterEach(() => engine.close());
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string | Buffer): CsvFile {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { path, name: `gs://bucket/${name}` };
}

describe('scanCsv', () => {
  it('reads quotes, commas and newlines in fields and keeps what is no plain number as text', async () => {
    const scan = await engine.scanCsv([
      file('a.csv', 'n,f,code,big,words\r\n1,0.5,007,9007199254740993,"a, ""b""\nc"\r\n2,1e3,010,1,\r\n'),
    ]);
    expect(scan.rows).toBe(2);
    expect(scan.columns.map(({ name, inferred, missing }) => [name, inferred, missing])).toEqual([
      ['n', 'integer', 0],
      ['f', 'float', 0],
      ['code', 'string', 0],
      ['big', 'string', 0],
      ['words', 'string', 1],
    ]);
    const columns = await engine.collect(scan.table, ['words']);
    expect(columns.get('words')?.values).toEqual(['a, "b"\nc', null]);
  });

  it('sets rows with a wrong number of fields aside, by the line on which they begin', async () => {
    const scan = await engine.scanCsv([file('fields.csv', 'a,b\n"two\nlines",1\nshort\nok,2\n1,2,3\n')]);
    expect(scan.rows).toBe(2);
    expect(scan.rejects.map(({ file: name, line }) => [name, line])).toEqual([
      ['gs://bucket/fields.csv', 4],
      ['gs://bucket/fields.csv', 6],
    ]);
    expect(scan.rejects[0]?.reason).toMatch(/too few fields/);
    expect(scan.rejects[1]?.reason).toMatch(/too many fields/);
  });

  it.each([
    ['an empty file', 'empty.csv', '', /empty\.csv is empty/],
    ['only a header', 'header.csv', 'a,b\n', /no row can be read from gs:\/\/bucket\/header\.csv/],
    ['a column named twice', 'twice.csv', 'a,a\n1,2\n', /twice\.csv:1: the header names column "a" twice/],
    ['what is no UTF-8', 'latin.csv', Buffer.from([0x61, 0xe9, 0x0a, 0x31]), /latin\.csv is not UTF-8/],
    [
      'a truncated gzip',
      'cut.csv.gz',
      gzipSync(Buffer.from(`a,b\n${'1,2\n'.repeat(50_000)}`)).subarray(0, 200),
      /cut\.csv\.gz is a truncated or damaged gzip/,
    ],
  ])('refuses %s and names it', async (_what, name, content, message) => {
    const scan = engine.scanCsv([file(name, content)]);
    await expect(scan).rejects.toThrow(BadData);
    await expect(scan).rejects.toThrow(message);
  });

  it('refuses shards whose headers differ and says in what', async () => {
    const shards = [file('one.csv', 'a,b\n1,2\n'), file('two.csv.gz', gzipSync(Buffer.from('a,c\n1,2\n')))];
    await expect(engine.scanCsv(shards)).rejects.toThrow(
      /two\.csv\.gz:1: column 2 is "c", in gs:\/\/bucket\/one\.csv it is "b"/,
    );
  });

  it('reads a real click log of 84 columns', async () => {
    const scan = await engine.scanCsv([{ path: join(openBandit, 'log.csv.gz'), name: 'log.csv.gz' }]);
    // As many rows as the sample's authors name; clicks counted by zcat and awk.
    expect(scan.rows).toBe(10_000);
    expect(scan.columns.find(({ name }) => name === 'timestamp')).toMatchObject({
      inferred: 'string',
      timestamp: true,
    });
    expect(scan.columns.find(({ name }) => name === 'item_id')).toMatchObject({ inferred: 'integer', distinct: 80 });
  });
});

describe('prepare', () => {
  it('takes any spelling of a binary label and rejects the rest by line', async () => {
    const scan = await engine.scanCsv([file('label.csv', 'y,x\nTRUE,1\n0,2\n"may\nbe",3\nno,4\n,5\n')]);
    const prepared = await engine.prepare(scan.table, { types: new Map([['x', 'integer']]), label: 'y' });
    expect(prepared.rejects).toEqual([
      { file: 'gs://bucket/label.csv', line: 4, reason: 'label y is "may\nbe", neither 0 nor 1' },
      { file: 'gs://bucket/label.csv', line: 7, reason: 'label y is missing' },
    ]);
    const columns = await engine.collect(prepared.table, ['x', reservedColumns.label]);
    expect(columns.get('x')?.values).toEqual(Float64Array.of(1, 2, 4));
    expect(columns.get(reservedColumns.label)?.values).toEqual(Float64Array.of(1, 0, 0));
  });

  it('turns personal columns into the first 16 hex digits of their sha256', async () => {
    const scan = await engine.scanCsv([file('personal.csv', 'y,user,account\n1,abc,007\n0,,7\n')]);
    const { table } = await engine.prepare(scan.table, {
      types: new Map([
        ['user', 'string'],
        ['account', 'integer'],
      ]),
      label: 'y',
      hashed: new Set(['user', 'account']),
    });
    const columns = await engine.collect(table, ['user', 'account']);
    // FIPS 180-2, appendix B.1, and `printf 7 | sha256sum`.
    expect(columns.get('user')).toEqual({ type: 'string', values: ['ba7816bf8f01cfea', null] });
    expect(columns.get('account')).toEqual({ type: 'string', values: ['7902699be42c8a8e', '7902699be42c8a8e'] });
  });

  it('gives one pseudonym to one value, however it is written', async () => {
    const texts = valueVectors.filter(
      ({ raw, text }) => typeof raw === 'string' && typeof text === 'string' && !raw.includes('"'),
    );
    const rows = texts.map(({ raw }) => `1,"${String(raw)}",1.0`).join('\n');
    const scan = await engine.scanCsv([file('one-value.csv', `y,user,account\n${rows}\n`)]);
    const { table } = await engine.prepare(scan.table, {
      types: new Map([
        ['user', 'string'],
        ['account', 'float'],
      ]),
      label: 'y',
      hashed: new Set(['user', 'account']),
    });
    const columns = await engine.collect(table, ['user', 'account']);
    const pseudonym = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
    expect(columns.get('user')?.values).toEqual(texts.map(({ text }) => pseudonym(text ?? '')));
    expect(columns.get('account')?.values).toEqual(texts.map(() => pseudonym('1')));
  });

  it('reads event times with and without a zone as Unix milliseconds', async () => {
    const scan = await engine.scanCsv([
      file('time.csv', 'y,at\n1,2026-01-01 00:00:00.25\n0,2026-01-01T01:00:00+01:00\n1,2026-01-01T00:00:01Z\n'),
    ]);
    const prepared = await engine.prepare(scan.table, {
      types: new Map([['at', 'string']]),
      label: 'y',
      eventTime: 'at',
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
      const scan = await one.scanCsv([csv]);
      const { table } = await one.prepare(scan.table, {
        types: new Map([
          ['x', 'float'],
          ['c', 'string'],
        ]),
        label: 'y',
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
    const scan = await engine.scanCsv([file('five.csv', 'x,c,y\n1,b,1\n2,a,0\n3,a,0\n4,b,1\n,,1\n')]);
    const { table } = await engine.prepare(scan.table, {
      types: new Map([
        ['x', 'float'],
        ['c', 'string'],
      ]),
      label: 'y',
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
    expect(read.rejects.map(({ file, line, reason }) => `${file}:${line}: ${reason}`)).toEqual([
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

describe('split', () => {
  it.each(['user', 'current_user', 'e', 'm', 'a', 'select'])(
    'puts a fifth of the values of a column named %s aside',
    async (column) => {
      const rows = Array.from({ length: 4000 }, (_, row) => `v${row % 2000},${row % 2}`);
      const scan = await engine.scanCsv([file(`split-${column}.csv`, `${column},y\n${rows.join('\n')}\n`)]);
      const { table } = await engine.prepare(scan.table, { types: new Map([[column, 'string']]), label: 'y' });
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
    const scan = await engine.scanCsv([file('readers.csv', `u,y\n${rows.join('\n')}\n`)]);
    const { table } = await engine.prepare(scan.table, { types: new Map([['u', 'string']]), label: 'y' });
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
    const scan = await cut.scanCsv([file('cut.csv', `x,y\n${rows.join('\n')}\n`)]);
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
    const examples = await engine.scanCsv([file('left.csv', 'k,y\n2,1\n1,0\n3,1\n')]);
    const table = await engine.scanCsv([file('right.csv', 'k,colour\n1,red\n2,blue\n')]);
    const joined = await engine.join(examples.table, table.table, 'k');
    expect((await engine.collect(joined, ['k', 'colour'])).get('colour')?.values).toEqual(['blue', 'red', null]);
  });

  it('refuses a key that is there twice', async () => {
    const examples = await engine.scanCsv([file('left2.csv', 'k,y\n2,1\n')]);
    const table = await engine.scanCsv([file('right2.csv', 'k,c\n1,red\n1,blue\n')]);
    await expect(engine.join(examples.table, table.table, 'k')).rejects.toThrow('key k = "1" more than once');
  });
});
