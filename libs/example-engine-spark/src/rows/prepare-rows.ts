import { createHash } from 'node:crypto';
import {
  cellsInDigest,
  labelWords,
  readTime,
  type RejectWords,
  shownCharacters,
  timeWords,
  Zone,
} from '@adstocrat/examples';
import { cellReader, trimmed } from './typed-cell.ts';
import type { RowWork } from './row-work.ts';

type Prepare = Extract<RowWork, { kind: 'prepare' }>;
type Cell = string | null;

/** One row, read. */
export interface PreparedRow {
  readonly label: number | null;
  readonly timeMs: number | null;
  readonly reject?: { readonly reason: string; readonly column: string; readonly text: string | null };
  readonly values: readonly (string | number | null)[];
}

/** Cells of a row → its label, its time, its values, or why it is set aside: the rules of the port's `prepare`. */
export function rowReader({
  columns,
  contentId,
  label,
  eventTime,
  personalKey,
}: Prepare): (cells: readonly Cell[]) => PreparedRow {
  const readers = columns.map((column) => [column.cell, cellReader(column, personalKey)] as const);
  const [positive, negative] = [label.positive, label.negative].map((values) => values && new Set(values));
  const unlabelled = label.unlabelled === undefined ? null : 0;
  const zone = eventTime?.zone === undefined ? undefined : Zone.of(eventTime.zone);
  const labelOf = (cell: string): number | null => {
    if (cell === '') return unlabelled;
    if (positive?.has(cell) === true) return 1;
    if (negative === undefined) return 0;
    return negative.has(cell) ? 0 : positive === undefined ? 1 : null;
  };
  return (cells) => {
    const values = [
      ...readers.map(([cell, read]) => read(cells[cell] ?? null)),
      ...(contentId === undefined ? [] : [digestOf(contentId.map((cell) => cells[cell] ?? null))]),
    ];
    const value = labelOf(trimmed(cells[label.cell] ?? ''));
    if (value === null)
      return { label: null, timeMs: null, reject: rejected(label.column, cells[label.cell], labelWords), values };
    if (eventTime === undefined) return { label: value, timeMs: null, values };
    const ms = readTime(trimmed(cells[eventTime.cell] ?? ''), eventTime.format, zone);
    if (!Number.isNaN(ms)) return { label: value, timeMs: ms, values };
    const words = timeWords(eventTime.format);
    return { label: value, timeMs: null, reject: rejected(eventTime.column, cells[eventTime.cell], words), values };
  };
}

function digestOf(cells: readonly Cell[]): string {
  const text = cells.map((cell) => cell ?? cellsInDigest.missing).join(cellsInDigest.between);
  return createHash('md5').update(text).digest('hex');
}

function rejected(
  column: string,
  cell: Cell | undefined,
  { missing, wrong }: RejectWords,
): NonNullable<PreparedRow['reject']> {
  const text = cell == null ? null : [...cell.slice(0, 2 * shownCharacters)].slice(0, shownCharacters).join('');
  return { reason: text === null || /^ *$/.test(text) ? missing : wrong, column, text };
}
