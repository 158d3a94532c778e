import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { originColumns } from '@adstocrat/example-engine';
import { DuckDbExampleEngine } from './duckdb-example-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-scan-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const rows = 12_000;
/** More than a mebibyte, which DuckDB reads as it lies where it can. */
const records = (end: string): string =>
  Array.from({ length: rows }, (_, row) => `${row},${'x'.repeat(100)}${end}`).join('');

/** The rows of files that hold `a` and `b`, and where the last one is said to begin. */
function read(name: string, ...contents: readonly (string | Buffer)[]) {
  return readWith(undefined, name, ...contents);
}

async function readWith(
  columns: readonly string[] | undefined,
  name: string,
  ...contents: readonly (string | Buffer)[]
) {
  const workDir = join(folder, name.replaceAll(' ', '-'));
  await using session = {
    engine: await DuckDbExampleEngine.open({ workDir }),
    [Symbol.asyncDispose]: () => session.engine.close(),
  };
  const { engine } = session;
  const files = contents.map((content, index) => {
    const path = join(workDir, `${index}`);
    writeFileSync(path, content);
    return { path, name: `gs://bucket/${index}.csv` };
  });
  const scan = await engine.scan(files, columns && { columns: { names: columns, key: 'data.columns' } });
  const typed = await engine.typed(
    scan.table,
    [
      { name: 'a', type: 'integer' },
      { name: 'b', type: 'string' },
    ],
    { origin: true },
  );
  const all = await engine.collect(typed, ['a', 'b', originColumns.file, originColumns.line]);
  const last = ['a', 'b', originColumns.file, originColumns.line].map((column) => all.get(column)?.values.at(-1));
  const first = scan.rejects.first.map(({ line, reason }) => `${line}: ${reason}`);
  return { rows: scan.rows, a: all.get('a')?.values, last, rejects: first };
}

it.each<
  [what: string, content: string | Buffer, last: readonly [b: string, line: number], rejects?: readonly string[]]
>([
  ['plain records', `a,b\n${records('\n')}-1,y\n`, ['y', rows + 2]],
  ['a last line without an end', `a,b\n${records('\n')}-1,y`, ['y', rows + 2]],
  ['quotes', `a,"b"\n${records('\n')}-1,"y, ""z"""\n`, ['y, "z"', rows + 2]],
  ['line ends within quotes', `a,b\n${records('\n')}7,"y\nz"\n-1,"y\nz"\n`, ['y\nz', rows + 4]],
  ['line ends of two characters', `a,b\r\n${records('\r\n')}-1,y\r\n`, ['y', rows + 2]],
  ['one line end of two characters', `a,b\n${records('\n')}7,z\r\n-1,y\n`, ['y', rows + 3]],
  ['a blank line', `a,b\n${records('\n')}\n-1,y\n`, ['y', rows + 3]],
  ['blank lines before and after', `\na,b\n${records('\n')}-1,y\n\n\n`, ['y', rows + 3]],
  [
    'a short record',
    `a,b\n${records('\n')}7\n-1,y\n`,
    ['y', rows + 3],
    [`${rows + 2}: too few fields: 1, the header has 2`],
  ],
  ['the header again', `a,b\n${records('\n')}a,b\n-1,y\n`, ['y', rows + 3], [`${rows + 2}: the header line again`]],
  ['a mark', `\ufeffa,b\n${records('\n')}-1,y\n`, ['y', rows + 2]],
  ['a packed file', gzipSync(`a,b\n${records('\n')}-1,y\n`), ['y', rows + 2]],
])('a large file is read alike with %s', async (what, content, [b, line], rejects = []) => {
  const found = await read(what, content);
  expect(found.last).toEqual([-1, b, 'gs://bucket/0.csv', line]);
  expect(found.a?.slice(0, rows)).toEqual(Float64Array.from({ length: rows }, (_, row) => row));
  expect(found.rejects).toEqual(rejects);
});

it.each<
  [what: string, content: string | Buffer, last: readonly [b: string, line: number], rejects?: readonly string[]]
>([
  ['plain records', `${records('\n')}-1,y\n`, ['y', rows + 1]],
  ['tabs', `${records('\n').replaceAll(',', '\t')}-1\ty\n`, ['y', rows + 1]],
  ['a blank line', `${records('\n')}\n-1,y\n`, ['y', rows + 2]],
  [
    'a short record',
    `${records('\n')}7\n-1,y\n`,
    ['y', rows + 2],
    [`${rows + 1}: too few fields: 1, data.columns names 2`],
  ],
  [
    'a header by mistake',
    `a,b\n${records('\n')}-1,y\n`,
    ['y', rows + 2],
    ['1: a header line, though data.columns names the columns'],
  ],
  [
    'a header by mistake, written otherwise',
    `A,"B "\n${records('\n')}-1,y\n`,
    ['y', rows + 2],
    ['1: a header line, though data.columns names the columns'],
  ],
  ['a mark', `\ufeff${records('\n')}-1,y\n`, ['y', rows + 1]],
  ['a packed file', gzipSync(`${records('\n')}-1,y\n`), ['y', rows + 1]],
])('a large file without a header line is read alike with %s', async (what, content, [b, line], rejects = []) => {
  const found = await readWith(['a', 'b'], `none ${what}`, content);
  expect(found.last).toEqual([-1, b, 'gs://bucket/0.csv', line]);
  expect(found.a?.slice(0, rows)).toEqual(Float64Array.from({ length: rows }, (_, row) => row));
  expect(found.rejects).toEqual(rejects);
});

it.each<[what: string, content: string, message: string]>([
  ['names too few', '1,2,3\n4,5,6\n', '0.csv: its lines have 3 fields, and data.columns names 2'],
  [
    'names too few of a large file',
    records('\n').replaceAll(',', ',1,'),
    'lines have 3 fields, and data.columns names 2',
  ],
  ['names in another order', 'b,a\n4,5\n', '0.csv:1: the first line names columns, and not as data.columns does'],
  ['a file of names', 'a,b\n', 'a header line, though data.columns names the columns'],
  ['lines of JSON', '{"a":1}\n', '0.csv is lines of JSON, whose columns have names: leave data.columns out'],
])('refuses declared columns with %s', async (what, content, message) => {
  await expect(readWith(['a', 'b'], `refused ${what}`, content)).rejects.toThrow(message);
});

it.each<[what: string, content: string]>([
  ['cells that are empty or there twice', '0,1,,1\n1,2,5,7\n0,,6,8\n0,2,7,9\n'],
  ['a name that is there twice', `7,7,1,0\n${'7,8,1,0\n'.repeat(150_000)}`],
])('says that a first line with %s looks like a row', async (what, content) => {
  await expect(read(`no header ${what}`, content)).rejects.toThrow(
    '0.csv:1: the first line looks like a row, not like names of columns: where the files have no header line, name all 4 columns in task.yaml, data: {columns: [column_1, column_2, …, column_4]}',
  );
});

it('files are read in their order, large and small', async () => {
  const large = `b,a\n${records('\n').replaceAll(/^(\d+),(x+)$/gm, '$2,$1')}`;
  const found = await read(
    'several',
    'a,b\n-1,p\n',
    large,
    'a,b\n-2,q\n',
    'a,b\n-3,r\n',
    `a,b\n${records('\n')}-4,y\n`,
  );
  const ascending = Array.from({ length: rows }, (_, row) => row);
  expect(found.a).toEqual(Float64Array.of(-1, ...ascending, -2, -3, ...ascending, -4));
  expect(found.last).toEqual([-4, 'y', 'gs://bucket/4.csv', rows + 2]);
});
