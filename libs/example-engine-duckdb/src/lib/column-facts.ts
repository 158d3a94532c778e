import { randomUUID } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { digitFormats, joinedFormats, shownCharacters } from '@adstocrat/examples';
import { type CellKind, cellKinds, noDigitTimes, type PartFacts } from '@adstocrat/statistics';
import { cellKind, plainKind } from './cell-kinds.ts';
import { isJoinedTime, trimmedCell } from './cell-sql.ts';
import { distinctOf } from './distinct-hashes.ts';
import { name } from './sql-text.ts';

/** The years 2000 to 2099 in seconds since 1970. */
const [first, last] = [946_684_800, 4_102_444_799];
const epochs = [
  ['epoch-seconds', first, last],
  ['epoch-milliseconds', first * 1e3, last * 1e3 + 999],
  ['epoch-microseconds', first * 1e6, last * 1e6 + 999_999],
] as const;

/** Different values that are looked at together: a statement for each column costs more than what most columns hold. */
const atOnce = 200_000;

/** What is in each text column of a source of rows, over all of them. */
export async function columnFacts(
  connection: DuckDBConnection,
  source: string,
  columns: readonly string[],
  rows: number,
): Promise<readonly PartFacts[]> {
  const facts: PartFacts[] = [];
  // Each different value is looked at once. Of its own name: a session may be at several scans.
  const values = name(`values_${randomUUID()}`);
  await connection.run(`CREATE TEMP TABLE ${values} (c INTEGER, v VARCHAR, n BIGINT)`);
  try {
    let [held, from] = [0, 0];
    for (const [index, column] of columns.entries()) {
      const added = await connection.runAndReadAll(
        `INSERT INTO ${values} SELECT ${index}, ${name(column)}, count(*) FROM ${source} GROUP BY 2`,
      );
      held += Number(added.getRows()[0]?.[0]);
      if (held < atOnce && index + 1 < columns.length) continue;
      facts.push(...(await factsOf(connection, columns.slice(from, index + 1), { values, from, rows })));
      await connection.run(`TRUNCATE ${values}`);
      [held, from] = [0, index + 1];
    }
  } finally {
    await connection.run(`DROP TABLE ${values}`);
  }
  return facts;
}

const kindsIn = (...kinds: readonly CellKind[]): string => kinds.map((kind) => cellKinds.indexOf(kind)).join(', ');
const numeric = kindsIn('integer', 'decimal', 'pointed');
/** What may be a time by its digits: of 17 they are no number, and of the year 2009 in two digits the first is a zero. */
const digits = kindsIn('integer', 'big', 'padded');

const texts = kindsIn('text');
/** SQL: whether a value may be seconds since 1970 of such years: of a plain kind `p`, without an exponent, it has nine digits. */
const mayBeEpoch = `k IN (${numeric}) AND (p IS NULL OR strlen(t) >= ${String(first).length})`;

/** SQL of whether a text has two words beside each other, or some characters of a script without blanks. Most have neither a blank nor such a one. */
function isWorded(cell: string): string {
  const unspaced =
    '[\\x{0E00}-\\x{0EFF}\\x{1000}-\\x{109F}\\x{1780}-\\x{17FF}\\x{3040}-\\x{30FF}\\x{3400}-\\x{4DBF}\\x{4E00}-\\x{9FFF}]{4}';
  const words = '\\pL{2}[^\\pL\\s]*\\s+[^\\pL\\s]*\\pL{2}';
  return `((contains(${cell}, ' ') AND regexp_matches(${cell}, '${words}')) OR (strlen(${cell}) <> length(${cell}) AND regexp_matches(${cell}, '${unspaced}')))`;
}

/** What else a value may be, whatever its kind says: words, then a time in each of `digitFormats`. Of columns with its kind, its trimmed text and its number. */
function looksOf(kind: string, cell: string, number: string): readonly string[] {
  return [
    `CASE WHEN ${kind} IN (${texts}) THEN ${isWorded(cell)} END`,
    ...joinedFormats.map((format) => `CASE WHEN ${kind} IN (${digits}) THEN ${isJoinedTime(cell, format)} END`),
    ...epochs.map(([, first, last]) => `${number} BETWEEN ${first} AND ${last}`),
  ];
}

/**
 * SQL of conditions as the bits of a number, by which rows are grouped: a condition in a `FILTER` is worked out for every row, whatever
 * stands before it.
 */
function flagsOf(conditions: readonly string[]): string {
  return conditions.map((condition, bit) => `CASE WHEN ${condition} THEN ${1 << bit} ELSE 0 END`).join(' + ');
}

/** Of columns that follow each other, the first the `from`-th, by their different values. */
async function factsOf(
  connection: DuckDBConnection,
  columns: readonly string[],
  { values, from, rows }: { readonly values: string; readonly from: number; readonly rows: number },
): Promise<readonly PartFacts[]> {
  const looks = looksOf('k', 't', 'd');
  const counted = looks.map((_, bit) => `coalesce(sum(n) FILTER (looks & ${1 << bit} <> 0), 0)`);
  const found = await connection.runAndReadAll(
    `SELECT c, k, sum(n), left(min(v), ${shownCharacters}), ${counted.join(', ')} FROM (
       SELECT c, k, CASE WHEN d IS NULL AND k NOT IN (${texts}, ${digits}) THEN 0 ELSE ${flagsOf(looks)} END AS looks, sum(n) AS n, min(v) AS v FROM (
         SELECT c, v, t, n, k, CASE WHEN ${mayBeEpoch} THEN try_cast(t AS DOUBLE) END AS d FROM (
           SELECT c, v, t, n, p, CASE WHEN p IS NULL THEN ${cellKind('t')} ELSE p END AS k FROM (
             SELECT c, v, n, p, CASE WHEN p IS NULL THEN ${trimmedCell('v')} ELSE v END AS t FROM (
               SELECT c, v, n, ${plainKind('v')} AS p FROM ${values}
         )))) GROUP BY ALL
       ) GROUP BY c, k`,
  );
  const hashes = await distinctOf(connection, values, 'c');
  const facts = columns.map((column, index) => ({
    name: column,
    rows,
    cells: Object.fromEntries(cellKinds.map((kind) => [kind, 0])) as Record<CellKind, number>,
    examples: {} as Partial<Record<CellKind, string>>,
    digitTimes: { ...noDigitTimes },
    worded: 0,
    distinct: hashes.get(from + index)?.distinct ?? 0,
    hashes: hashes.get(from + index) ?? { distinct: 0, least: [] },
  }));
  for (const [column, index, count, example, worded, ...counts] of found.getRows()) {
    const kind = cellKinds[Number(index)] ?? 'text';
    const fact = facts[Number(column) - from];
    if (fact === undefined) continue;
    fact.cells[kind] = Number(count);
    fact.worded += Number(worded);
    if (example !== null) fact.examples[kind] = String(example);
    for (const [at, format] of digitFormats.entries()) fact.digitTimes[format] += Number(counts[at]);
  }
  return facts;
}
