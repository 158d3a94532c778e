import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import sharp from 'sharp';
import type { StrangeCase, StrangeFile } from './strange-case.ts';

type Columns = NonNullable<Exclude<StrangeFile, { text: string; rows?: never }>['columns']>;

/** What a file has whose case says no more than how many rows: a third of them clicked. */
const plainColumns: Columns = {
  site: ['a', 'b', 'c', 'd'],
  price: [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5],
  clicked: [1, 0, 0],
};

/** Writes a case's data into a folder: what lies beside its case.yaml, and the files that it describes. */
export async function layOut(
  strange: StrangeCase,
  files: Readonly<Record<string, StrangeFile>>,
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  cpSync(strange.folder, folder, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => basename(path) !== 'case.yaml',
  });
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if ('link' in file && file.link !== undefined) symlinkSync(file.link, path);
    else writeFileSync(path, await bytesOf(file));
  }
}

/** The bytes of a file that a case describes. */
export async function bytesOf(file: StrangeFile): Promise<Uint8Array> {
  if (!('encoding' in file)) return Buffer.from(file.text ?? '');
  const { image, base64, parquet, gzip, zstd, times, cut } = file;
  let bytes: Uint8Array =
    image !== undefined
      ? await imageBytes(image)
      : parquet !== undefined
        ? await parquetBytes(parquet, file.rows ?? 0)
        : base64 !== undefined
          ? Buffer.from(base64, 'base64')
          : encoded(file.text ?? rowsText(file), file.encoding, file.bom);
  if (gzip) bytes = gzipSync(bytes);
  if (zstd) bytes = zstdCompressSync(bytes);
  if (times > 1) bytes = Buffer.concat(Array.from({ length: times }, () => bytes));
  return cut === undefined ? bytes : bytes.subarray(0, cut);
}

type Described = Extract<StrangeFile, { encoding: string }>;

function rowsText(file: Described): string {
  const { rows = 0, columns = plainColumns, header, lines, eol, delimiter, json } = file;
  if (json)
    return rowsAsJson(rows, columns)
      .map((line, index) => `${lines[String(index + 1)] ?? line}${eol}`)
      .join('');
  const names = Object.keys(columns).map((name) => csvField(name, delimiter));
  const body = Array.from({ length: rows }, (_, row) =>
    Object.values(columns)
      .map((values) =>
        Array.isArray(values) ? csvField(String(values[row % values.length]), delimiter) : written(values, row),
      )
      .join(delimiter),
  );
  const all = header === null ? body : [header ?? names.join(delimiter), ...body];
  const changed = all.map((line, index) => lines[String(index + 1)] ?? line);
  return changed.map((line) => `${line}${eol}`).join('');
}

function rowsAsJson(rows: number, columns: Columns): readonly string[] {
  return Array.from({ length: rows }, (_, row) => {
    const members = Object.entries(columns).map(([name, values]) => {
      const value = Array.isArray(values) ? JSON.stringify(values[row % values.length]) : written(values, row);
      return `${JSON.stringify(name)}:${value}`;
    });
    return `{${members.join(',')}}`;
  });
}

/** A cell that stands in the file as the case writes it. */
function written(values: Exclude<Columns[string], readonly unknown[]>, row: number): string {
  return 'raw' in values
    ? (values.raw[row % values.raw.length] ?? '')
    : values.as.replace('{}', String(values.count + row));
}

async function parquetBytes(query: string, rows: number): Promise<Buffer> {
  const path = join(tmpdir(), `adstocrat-strange-${randomUUID()}.parquet`);
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    await connection.run(`COPY (SELECT ${query} FROM range(${rows}) r(i)) TO '${path}' (FORMAT parquet)`);
    return readFileSync(path);
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(path, { force: true });
  }
}

function csvField(value: string, delimiter: string): string {
  return value.includes(delimiter) || /["\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function encoded(text: string, encoding: Described['encoding'], bom: boolean): Buffer {
  const marked = bom ? `\uFEFF${text}` : text;
  if (encoding === 'utf-16be') return Buffer.from(marked, 'utf16le').swap16();
  return Buffer.from(marked, encoding === 'utf-16le' ? 'utf16le' : encoding);
}

async function imageBytes(image: NonNullable<Described['image']>): Promise<Buffer> {
  const { format, width, height, grey, frames } = image;
  // Frames lie one below the other, the first the darkest.
  const pixels = Buffer.alloc(width * height * frames * 3);
  for (let frame = 0; frame < frames; frame += 1)
    pixels.fill(grey + frame * 20, frame * width * height * 3, (frame + 1) * width * height * 3);
  const raw = { width, height: height * frames, channels: 3 as const, ...(frames > 1 ? { pageHeight: height } : {}) };
  return sharp(pixels, { raw }).toFormat(format).toBuffer();
}
