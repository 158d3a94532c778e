import { type ColumnSchema, decimalIn, lackingColumns, takenColumns } from '@adstocrat/data-validation';
import {
  givenIds,
  idSentence,
  isUnreadable,
  originColumns,
  scanLists,
  type ScanResult,
  strayCells,
  straySentence,
  type TypedColumn,
  unlikeTraining,
} from '@adstocrat/example-engine';
import { type Column, FailureReasons } from '@adstocrat/examples';
import { arraySeparator, requestTimes } from '@adstocrat/transforms';
import { ExitError } from '../exit-error.ts';
import { Pace } from '../pace.ts';
import { scoredRows } from '../system/scored-rows.ts';
import { nothingScored, type Outcome, sayOutcome } from './predict-outcome.ts';
import { columnsOf, type Predicting, unnamedIn } from './predicting.ts';
import { scoreLines } from './score-lines.ts';
import { writeWhole } from './whole-file.ts';

const chunkRows = 512;

/** Rows asked for request by request, as any client does. */
export async function scoreByRequests(predicting: Predicting, path: string): Promise<void> {
  const { system, engine, options, schema, manifest, transform, progress } = predicting;
  const names = columnsOf(options);
  const taken = new Set(schema.columns.map(({ name }) => name));
  const scan = await scanLists(
    engine,
    [{ path, name: options.in }],
    { ...(names && { columns: { names, key: '--columns' } }) },
    // Of what the model does not take it does not matter.
    (column) => (taken.has(column) ? arraySeparator(transform, column) : null),
  );
  const given = scan.columns.map(({ name }) => name);
  const lacking = lackingColumns({ file: options.in, model: options.model }, schema.columns, given);
  if (lacking !== undefined && options.allowMissing !== true)
    throw new ExitError(1, `${unnamedIn(options, scan)}${lacking}. Add them, or score without them by --allow-missing`);
  const present = takenColumns(schema.columns, given);
  if (present.length === 0) throw new ExitError(1, `${options.in} has none of the columns that ${options.model} takes`);
  const columns = typedColumns(scan, present);
  const odd = await oddIn(predicting, scan, columns);
  const typed = await engine.typed(scan.table, columns, { origin: true });
  const idColumn = manifest.roles.id;
  const ids =
    idColumn !== undefined && given.includes(idColumn)
      ? idSentence(await givenIds(engine, typed, idColumn))
      : undefined;
  if (ids !== undefined) odd.push(ids);
  const hidden = new Set(Object.keys(manifest.personal?.columns ?? {}));
  for (const { sentence } of await unlikeTraining(engine, typed, present, { hidden })) odd.push(sentence);
  const failures = new FailureReasons();
  for (const { rows, first } of scan.rejects.reasons) failures.add(first, rows);
  let failed = scan.rejects.rows;
  const pace = new Pace();
  let done = 0;
  const lines = async function* (): AsyncGenerator<string> {
    yield 'id,score\n';
    for await (const { rows, columns } of engine.batches(typed, { batchRows: chunkRows })) {
      const raw = new Map(columns);
      const [files, lines] = Object.values(originColumns).map((name) => raw.get(name)?.values ?? []);
      for (const name of Object.values(originColumns)) raw.delete(name);
      const ids = idsOf(idColumn === undefined ? undefined : columns.get(idColumn), done, rows);
      const scores = await scoredRows(system.clients, options.model, { rows, columns: raw });
      for (const [row, score] of scores.entries())
        if (typeof score === 'string') {
          failures.add({ reason: score, file: String(files?.[row]), line: Number(lines?.[row]) });
          failed += 1;
        }
      yield scoreLines(ids, scores);
      done += rows;
      const said = { step: 'predict', done, total: scan.rows, unit: 'rows', rows: 0 };
      progress.update('predict', done, scan.rows, pace.say(said, performance.now()));
    }
  };
  const told = (): Outcome => ({ scored: done + scan.rejects.rows - failed, failed, reasons: failures.list, odd });
  const whole = async function* (): AsyncGenerator<string> {
    yield* lines();
    // Nothing is written then.
    if (told().scored === 0 && failed > 0) throw nothingScored(options, told());
  };
  await writeWhole(options.out, whole());
  sayOutcome(progress, options, told());
}

/** Values that cannot be read, told. Throws where most of a column's cannot, and that is not allowed. */
async function oddIn(
  { engine, options, manifest, transform }: Predicting,
  scan: ScanResult,
  columns: readonly TypedColumn[],
): Promise<string[]> {
  const times = requestTimes(transform, manifest.roles.eventTime);
  const strays = await strayCells(
    engine,
    scan,
    columns.map((column) => ({ ...column, time: times.get(column.name) })),
  );
  const unreadable = strays.filter(isUnreadable);
  if (unreadable.length > 0 && options.allowMissing !== true)
    throw new ExitError(
      1,
      `${unreadable.map((one) => straySentence(one)).join('; ')}. Mend that, or score without them by --allow-missing`,
    );
  return strays.map((one) => straySentence(one));
}

/** The scanned columns that a model takes, each read as ingestion reads it: what is no number is missing. */
function typedColumns(scan: ScanResult, columns: readonly ColumnSchema[]): readonly TypedColumn[] {
  return columns.map((column) => {
    const facts = scan.columns.find(({ name }) => name === column.name);
    return { name: column.name, type: column.type, decimal: decimalIn(facts, column) };
  });
}

/** The rows' ids; without an id column their position in the file, from 1. */
function idsOf(column: Column | undefined, before: number, rows: number): readonly string[] {
  return Array.from({ length: rows }, (_, row) => {
    const value = column?.values[row];
    return value == null || Number.isNaN(value) ? String(before + row + 1) : String(value);
  });
}
