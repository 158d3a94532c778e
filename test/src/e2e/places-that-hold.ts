import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';
import { startPostgres } from '@adstocrat/postgres';

/** A text and where it stands, below the home. */
export interface Found {
  readonly place: string;
  readonly text: string;
}

/**
 * Where in a home that nobody runs the texts stand: in files, columns of Parquet, rows of every table, bodies that are compressed, and
 * the database\x27s own files. `left` are folders of the home that are not looked into.
 */
export async function placesThatHold(
  home: string,
  texts: readonly string[],
  left: readonly string[],
): Promise<readonly Found[]> {
  const entries = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !left.some((folder) => relative(home, file).startsWith(`${folder}/`)));
  const found: Found[] = [];
  for (const file of files) found.push(...foundIn(file, [readFileSync(file)], texts));
  const packed = files.filter((file) => file.endsWith('.parquet'));
  found.push(...(await foundInParquet(packed, texts)), ...(await foundInTables(join(home, 'postgres'), texts)));
  return found.map(({ place, text }) => ({ place: relative(home, place), text }));
}

function foundIn(place: string, bytes: readonly Buffer[], texts: readonly string[]): readonly Found[] {
  return texts.filter((text) => bytes.some((one) => one.includes(text))).map((text) => ({ place, text }));
}

async function foundInParquet(files: readonly string[], texts: readonly string[]): Promise<readonly Found[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const found: Found[] = [];
    const held = texts.map((text) => `coalesce(bool_or(contains(line, '${text}')), false)`).join(', ');
    for (const file of files) {
      const lines = `SELECT r::VARCHAR AS line FROM read_parquet('${file}') r`;
      const [answer = []] = (await connection.runAndReadAll(`SELECT ${held} FROM (${lines})`)).getRows();
      found.push(...texts.filter((_, index) => answer[index] === true).map((text) => ({ place: file, text })));
    }
    return found;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Places are `<data folder>/<schema>.<table>`. */
async function foundInTables(dataDir: string, texts: readonly string[]): Promise<readonly Found[]> {
  const server = await startPostgres({ dataDir });
  const client = new Client({ connectionString: server.url });
  try {
    await client.connect();
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
       WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')`,
    );
    const found: Found[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<unknown[]>({ text: `SELECT * FROM ${name}`, rowMode: 'array' });
      found.push(...foundIn(join(dataDir, name), rows.flat().flatMap(readings), texts));
    }
    return found;
  } finally {
    await client.end();
    await server.stop();
  }
}

/** A value\x27s bytes, and what they are unpacked: the bus puts a byte before what it packs. */
function readings(value: unknown): readonly Buffer[] {
  if (Buffer.isBuffer(value)) return [value, unpacked(value), unpacked(value.subarray(1))];
  return [Buffer.from(JSON.stringify(value) ?? '')];
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return zstdDecompressSync(bytes);
  } catch {
    return Buffer.alloc(0);
  }
}
