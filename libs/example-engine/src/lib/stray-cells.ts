import { integerOf, numberOf, pointedCell, readTime, type TimeFormat } from '@adstocrat/examples';
import type { CellKind, ColumnFacts } from '@adstocrat/statistics';
import { type ExampleEngine, originColumns, type ScanResult, type TypedColumn } from './example-engine.ts';

/** A scanned column and what reads its cells. */
export interface CheckedColumn extends TypedColumn {
  /** Its texts are times of this format. */
  readonly time?: TimeFormat | undefined;
}

/** Cells of a column that hold something, and nothing that its type has a value for. */
export interface StrayCells {
  readonly column: string;
  /** What they are not. */
  readonly what: 'numbers' | 'whole numbers' | 'times';
  readonly strays: number;
  /** Cells that hold something at all. */
  readonly given: number;
  readonly first: { readonly text: string; readonly file: string; readonly line: number };
}

/** Columns of a scan with cells that cannot be read. Cells are looked at one by one only where the column's facts leave it open. */
export async function strayCells(
  engine: ExampleEngine,
  scan: Pick<ScanResult, 'table' | 'columns'>,
  columns: readonly CheckedColumn[],
): Promise<readonly StrayCells[]> {
  const open = columns.filter((column) => {
    const facts = scan.columns.find(({ name }) => name === column.name);
    return facts !== undefined && !isReadable(facts, column);
  });
  if (open.length === 0) return [];
  const counts = open.map((column) => ({
    column,
    read: readerOf(column),
    strays: 0,
    given: 0,
    first: undefined as StrayCells['first'] | undefined,
  }));
  const texts = await engine.typed(
    scan.table,
    open.map(({ name }) => ({ name, type: 'string' as const })),
    { origin: true },
  );
  for await (const { rows, columns: cells } of engine.batches(texts)) {
    const [files, lines] = [cells.get(originColumns.file), cells.get(originColumns.line)];
    for (const count of counts) {
      const values = cells.get(count.column.name)?.values ?? [];
      for (let row = 0; row < rows; row += 1) {
        const text = String(values[row] ?? '');
        const value = text.trim() === '' ? NaN : count.read(text);
        if (Number.isNaN(value)) continue;
        count.given += 1;
        if (value !== undefined) continue;
        count.strays += 1;
        count.first ??= { text, file: String(files?.values[row]), line: Number(lines?.values[row]) };
      }
    }
  }
  return counts.flatMap(({ column, strays, given, first }) =>
    first === undefined ? [] : [{ column: column.name, what: whatOf(column), strays, given, first }],
  );
}

/** Most of what is given cannot be read: what was scored without it would be scored blind. */
export function isUnreadable({ strays, given }: Pick<StrayCells, 'strays' | 'given'>): boolean {
  return 2 * strays > given;
}

const longest = 60;

/** For people: `age: 7 of 1,500 values are no numbers, first "old" at rows.csv:9`. */
export function straySentence(
  { column, what, strays, given, first: { text, file, line } }: StrayCells,
  withheld = false,
): string {
  const shown = withheld ? '' : `${JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text)} `;
  return `${column}: ${strays.toLocaleString('en')} of ${given.toLocaleString('en')} values are no ${what}, first ${shown}at ${file}:${line}`;
}

function whatOf({ type, time }: CheckedColumn): StrayCells['what'] {
  return type === 'string' && time !== undefined ? 'times' : type === 'integer' ? 'whole numbers' : 'numbers';
}

/** What a cell is: undefined for what is no value, NaN for what is missing. */
function readerOf({ type, time, decimal }: CheckedColumn): (cell: string) => number | undefined {
  if (type === 'string') {
    const format = time ?? 'iso-8601';
    return (cell) => (Number.isNaN(readTime(cell, format)) ? undefined : 0);
  }
  const read = type === 'integer' ? integerOf : numberOf;
  return decimal === ',' ? (cell) => read(pointedCell(cell)) : read;
}

/** Whether its facts say that every cell that holds something has a value; text that is no time always has one. */
function isReadable({ rows, cells }: ColumnFacts, { type, time, decimal }: CheckedColumn): boolean {
  const sum = (kinds: readonly CellKind[]): number => kinds.reduce((total, kind) => total + cells[kind], 0);
  if (type === 'string') {
    if (time === undefined) return true;
    return time === 'iso-8601' && sum(['empty', 'iso-8601']) === rows;
  }
  const kinds: CellKind[] = ['empty', 'word', 'integer', 'padded'];
  if (type === 'float') kinds.push('decimal', 'pointed', 'big');
  if (type === 'float' && decimal === ',') kinds.push('comma', 'grouped', 'thousands');
  return sum(kinds) === rows;
}
