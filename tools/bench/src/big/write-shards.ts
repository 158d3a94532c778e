import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const rowsPerShard = 1_000_000;
/** How many values each categorical column has: from a handful to what a vocabulary of 50,000 does not hold. */
const categories = [5, 8, 12, 20, 50, 100, 500, 2000, 10_000, 100_000, 200_000];
const numbers = 6;
const days = 30;

/** A uniform number in [0, 1) that a row and a place in it decide. */
const draw = (place: number): string => `((hash(i * 64 + ${place}) % 1000003) / 1000003.0)`;
/** What a value says of the click, in log-odds between −½ and ½. */
const says = (value: string, column: number): string =>
  `((hash(${value} * 64 + ${column} + 9000000000) % 1001) / 1000.0 - 0.5)`;

/**
 * Shards of a click log of 20 columns, as Parquet: label, id, time, eleven categorical columns with long tails and six of numbers, each with 3 %
 * missing. Four columns and two numbers say something of the click; about a tenth of the rows are clicks. A row is a function of its number.
 */
export async function writeShards(folder: string, rows: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const database = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' });
  const connection = await database.connect();
  try {
    for (let shard = 0; shard * rowsPerShard < rows; shard += 1) {
      const [from, to] = [shard * rowsPerShard, Math.min(rows, (shard + 1) * rowsPerShard)];
      const path = join(folder, `part-${String(shard).padStart(4, '0')}.parquet`);
      await connection.run(`COPY (${select(from, to, rows)}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`);
    }
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

function select(from: number, to: number, rows: number): string {
  const drawn = categories.map((size, at) => `floor(pow(${draw(at)}, 3) * ${size})::BIGINT AS v${at}`);
  const measured = Array.from({ length: numbers }, (_, at) => `${draw(20 + at)} + ${draw(30 + at)} - 1 AS x${at}`);
  const logit = ['-2.4', ...[1, 5, 7, 8].map((at) => `2 * ${says(`v${at}`, at)}`), 'x0', '0.5 * x1'].join(' + ');
  const shown = [
    ...categories.map((_, at) => `CASE WHEN ${draw(40 + at)} < 0.03 THEN NULL ELSE 'v' || v${at} END AS c${at}`),
    ...Array.from(
      { length: numbers },
      (_, at) => `CASE WHEN ${draw(52 + at)} < 0.03 THEN NULL ELSE x${at} END AS n${at}`,
    ),
  ];
  return `SELECT (${draw(19)} < 1 / (1 + exp(-(${logit}))))::INTEGER AS clicked, 'r' || i AS row,
    strftime(TIMESTAMP '2026-01-01' + to_seconds(i * ${days * 86_400} // ${rows}), '%Y-%m-%dT%H:%M:%SZ') AS "at",
    ${shown.join(', ')}
    FROM (SELECT i, ${[...drawn, ...measured].join(', ')} FROM range(${from}, ${to}) AS numbers(i))`;
}
