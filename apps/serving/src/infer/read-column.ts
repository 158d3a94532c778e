import { isUtf8 } from 'node:buffer';
import {
  type Column,
  type ColumnType,
  integerOf,
  numberOf,
  type RawValue,
  textOf,
  type TimeFormat,
  whyNoValue,
} from '@adstocrat/examples';
import { timeAt } from '@adstocrat/transforms';
import { shortestFloat } from '../json/shortest-float.ts';
import { BadInput } from './inference-failure.ts';
import { joinedList, ListValue } from './list-value.ts';
import { eachRow, type InputTensor, type MixedValue, numbersOf, type RowSlice } from './tensor.ts';

/**
 * Rows of an input as a raw column of the schema's type, a cell read as everywhere (`textOf`, `integerOf`, `numberOf` of libs/examples). Throws
 * {@link BadInput} naming input, row and, but for a `personal` column, value for what is no value of the type. `separator`: as
 * `arraySeparator` says how a list in this column is read.
 */
export function readColumn(
  name: string,
  type: ColumnType,
  tensor: InputTensor,
  rows: RowSlice,
  { personal = false, separator }: { readonly personal?: boolean; readonly separator?: string | null | undefined } = {},
): Column {
  const cell = cellOf(name, tensor, separator);
  const no = (value: Cell, row: number) => {
    const why = personal ? 'a value that is not shown here is none of its type' : whyNoValue(type, cell(value, row));
    throw new BadInput('value', name, `${why}, and the column is ${type}`, row);
  };
  if (type === 'string') {
    const held = isSingle(tensor)
      ? (value: RawValue) => (typeof value === 'number' ? ownText(value) : value)
      : (value: RawValue) => value;
    return {
      type,
      values: eachRow(cellsOf(tensor), rows, (value, row) => textOf(held(cell(value, row))) ?? ifNone(value, row)),
    };
  }
  const read = type === 'integer' ? integerOf : numberOf;
  return { type, values: numbersOf(cellsOf(tensor), rows, (value, row) => read(cell(value, row)) ?? no(value, row)) };

  function ifNone(value: Cell, row: number): null {
    return textOf(cell(value, row)) === null ? null : no(value, row);
  }
}

function isSingle(tensor: InputTensor): boolean {
  if (tensor.kind !== 'float' && tensor.kind !== 'mixed') return false;
  return tensor.isSingle === true || tensor.values instanceof Float32Array;
}

/** A number of 32 bits whose digits are its own: a whole one has all of them, as an id sent so is meant; up to where Parquet's do. */
function ownText(value: number): number {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value : shortestFloat(value);
}

/** Rows of an input as names: texts as they are, not one spelling for one value. Null where missing. */
export function namesOf(name: string, tensor: InputTensor, rows: RowSlice): readonly (string | null)[] {
  const cell = cellOf(name, tensor);
  return eachRow(cellsOf(tensor), rows, (value, row) => {
    const raw = cell(value, row);
    return raw == null || raw === '' || Number.isNaN(raw) ? null : String(raw);
  });
}

/** Throws {@link BadInput} for a text that is no time: it would be taken for a missing one. */
export function refuseNoTime(name: string, column: Column, format: TimeFormat = 'iso-8601', firstRow = 0): void {
  const isMissing = (value: string | number | null): boolean =>
    typeof value === 'number' ? Number.isNaN(value) : value === null || value.trim() === '';
  for (let row = 0; row < column.values.length; row += 1) {
    const value = column.values[row] ?? null;
    if (!isMissing(value) && Number.isNaN(timeAt(column, row, format)))
      throw new BadInput(
        'value',
        name,
        `${shown(String(value))} is no time: ${format === 'iso-8601' ? 'ISO 8601 is expected, as 2026-04-01T12:30:00Z' : `${format} is expected`}`,
        firstRow + row,
      );
  }
}

/** Values of any kind: what reads them takes all kinds. */
function cellsOf({ values }: InputTensor): ArrayLike<Cell> {
  return values as ArrayLike<Cell>;
}

type Cell = MixedValue | ListValue;

/** A value of this tensor as a raw cell: bytes are UTF-8, and 0 and 1 of a tensor of booleans are none. */
function cellOf(
  name: string,
  { kind }: InputTensor,
  separator?: string | null,
): (value: Cell, row: number) => RawValue {
  if (kind === 'bool') return (value) => value === true || value === 1;
  if (kind === 'int' || kind === 'float') return (value) => value as number | bigint;
  return (value, row) => {
    if (value instanceof ListValue) return joinedList(value, { input: name, row, separator });
    return value instanceof Uint8Array ? utf8Of(name, value, row) : value;
  };
}

function utf8Of(name: string, value: Uint8Array, row: number): string {
  if (!isUtf8(value)) throw new BadInput('value', name, 'these bytes are no UTF-8', row);
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8');
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
