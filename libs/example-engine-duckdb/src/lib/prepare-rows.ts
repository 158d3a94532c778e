import type { LabelRule, PrepareOptions, Rejects, Relation } from '@adstocrat/example-engine';
import {
  cellsInDigest,
  labelWords,
  type RejectWords,
  reservedColumns,
  reservedPrefix,
  shownCharacters,
  timeWords,
} from '@adstocrat/examples';
import { timeMs, trimmedCell, utcOf, writesNoZone } from './cell-sql.ts';
import type { DuckDbSession } from './duckdb-session.ts';
import { setPseudonymKey, valueSql } from './personal-sql.ts';
import { RejectTable } from './reject-table.ts';
import { fileColumn, lineColumn, rowColumn } from './row-column.ts';
import { canonicalSql, name, text } from './sql-text.ts';

/** A row's cells as they stood in the file: in the table only while it is made. */
const [rawLabel, rawTime] = [`${reservedPrefix}raw_label`, `${reservedPrefix}raw_time`];

/** Typed rows with label, id and time; those without a label or a time are set aside. */
export async function prepareRows(
  session: DuckDbSession,
  relation: Relation,
  options: PrepareOptions,
): Promise<{ readonly table: Relation; readonly rows: number; readonly rejects: Rejects }> {
  const { columns, label, eventTime, personalKey } = options;
  if (personalKey !== undefined) await setPseudonymKey(session.connection, personalKey);
  const values = columns.map((column) => `${valueSql(column)} AS ${name(column.name)}`);
  const reserved = [
    `${labelValue(label)} AS ${name(reservedColumns.label)}`,
    `${idSql(options)} AS ${name(reservedColumns.id)}`,
    `${eventTime === undefined ? 'NULL::DOUBLE' : timeMs(eventTime.column, eventTime.format, eventTime.isClean)} AS ${name(reservedColumns.timeMs)}`,
  ];
  // In the row that has the time as written: each step of the zone asks for it.
  const time = name(reservedColumns.timeMs);
  const inZone =
    eventTime?.zone === undefined
      ? []
      : [
          `CASE WHEN ${writesNoZone(trimmedCell(rawTime), eventTime.format)} THEN ${utcOf(time, eventTime.zone)} ELSE ${time} END AS ${time}`,
        ];
  // Kept of rows that are set aside alone.
  const shown = (raw: string, value: string): string =>
    `CASE WHEN ${name(value)} IS NULL THEN left(${name(raw)}, ${shownCharacters}) END AS ${name(raw)}`;
  const replaced = [...inZone, shown(rawLabel, reservedColumns.label), shown(rawTime, reservedColumns.timeMs)];
  const origin = [fileColumn, lineColumn].map(name);
  const all = await session.createInOrder(
    relation,
    `SELECT * REPLACE (${replaced.join(', ')}) FROM (SELECT ${[name(rowColumn), ...values, ...reserved, ...origin].join(', ')},
       ${name(label.column)} AS ${name(rawLabel)}, ${eventTime === undefined ? 'NULL::VARCHAR' : name(eventTime.column)} AS ${name(rawTime)}
     FROM ${name(relation.id)})`,
  );
  const [noLabel, noTime] = [
    `${name(reservedColumns.label)} IS NULL`,
    eventTime === undefined ? 'false' : `${name(reservedColumns.timeMs)} IS NULL`,
  ];
  const rejects = await setAside(session, all, session.traits(relation).files ?? [], [
    { where: noLabel, column: label.column, cell: rawLabel, words: labelWords },
    {
      where: `NOT ${noLabel} AND ${noTime}`,
      column: eventTime?.column ?? '',
      cell: rawTime,
      words: timeWords(eventTime?.format ?? ''),
    },
  ]);
  const table = await session.view(
    all,
    `SELECT * EXCLUDE (${[rawLabel, rawTime, fileColumn, lineColumn].map(name).join(', ')}) FROM ${name(all.id)}
     WHERE NOT (${noLabel}) AND NOT (${noTime})`,
  );
  return { table, rows: await session.count(table), rejects };
}

/** Of which rows a cell cannot be read, and what is said of it. */
interface Unread {
  readonly where: string;
  readonly column: string;
  readonly cell: string;
  readonly words: RejectWords;
}

async function setAside(
  session: DuckDbSession,
  rows: Relation,
  fileNames: readonly string[],
  unread: readonly Unread[],
): Promise<Rejects> {
  const rejects = await RejectTable.create(session.connection, session.newTable());
  const files = await session.textPairs([fileNames], (file) => file);
  const found = unread.map(
    ({ where, column, cell, words: { missing, wrong } }) =>
      `SELECT r.${name(rowColumn)}, f.a, ${name(lineColumn)},
         CASE WHEN trim(${name(cell)}) <> '' THEN ${text(wrong)} ELSE ${text(missing)} END, ${text(column)}, ${name(cell)}
       FROM ${name(rows.id)} r JOIN ${name(files.id)} f ON f.rowid = r.${name(fileColumn)} WHERE ${where}`,
  );
  await rejects.addAll(`${found.join(' UNION ALL ')} ORDER BY 1`);
  await session.drop(files);
  return rejects.finish();
}

/** SQL of a row's id: a column's value, the digest of its cells, or its number. */
function idSql({ id, contentId }: Pick<PrepareOptions, 'id' | 'contentId'>): string {
  if (id !== undefined) return canonicalSql(name(id));
  if (contentId === undefined) return `${name(rowColumn)}::VARCHAR`;
  const cells = contentId.map((column) => `coalesce(${name(column)}, ${text(cellsInDigest.missing)})`);
  return `md5(concat_ws(${text(cellsInDigest.between)}, ${cells.join(', ')}))`;
}

/** SQL of a row's label: 1, 0, or NULL for what is neither. Most cells are one of the values as they are, without blanks around it. */
function labelValue({ column, positive, negative, unlabelled }: LabelRule): string {
  const among = (cell: string, values: readonly string[]): string =>
    values.length === 0 ? 'false' : `${cell} IN (${values.map(text).join(', ')})`;
  const asItIs = (values: readonly string[] = []): string =>
    among(
      name(column),
      values.filter((value) => value === value.trim()),
    );
  const cell = trimmedCell(column);
  const [isPositive, isNegative] = [positive, negative].map((values) =>
    values === undefined ? `${cell} <> ''` : among(cell, values),
  );
  // Whatever is not the other side is asked for last.
  const sides = [`WHEN ${isPositive} THEN 1`, `WHEN ${isNegative} THEN 0`];
  const ordered = positive === undefined ? sides.toReversed() : sides;
  const missing = unlabelled === undefined ? '' : `WHEN coalesce(${cell}, '') = '' THEN 0 `;
  return `CASE WHEN ${asItIs(positive)} THEN 1 WHEN ${asItIs(negative)} THEN 0 ${ordered.join(' ')} ${missing}END`;
}
