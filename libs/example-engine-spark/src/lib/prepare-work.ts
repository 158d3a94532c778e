import type { NamedColumn, PrepareOptions } from '@adstocrat/example-engine';
import { reservedColumns } from '@adstocrat/examples';
import type { RowWork } from '../rows/row-work.ts';
import { name } from './plans.ts';
import type { MappedColumns, SparkType } from './row-map.ts';

const sparkTypes: Readonly<Record<NamedColumn['type'], SparkType>> = {
  string: 'string',
  integer: 'long',
  float: 'double',
};

/** How `prepare` is done by row workers. */
export interface PrepareWork {
  /** Raw columns that the workers are given, after row, file and line. */
  readonly cells: readonly string[];
  readonly work: RowWork;
  readonly gives: MappedColumns;
  /** SQL of the columns that a caller sees, of what the workers give. */
  readonly values: readonly string[];
  readonly columns: readonly NamedColumn[];
}

export function prepareWork({
  columns,
  label,
  id,
  contentId = [],
  eventTime,
  personalKey,
}: PrepareOptions): PrepareWork {
  const raw = [...columns.map((column) => column.name), label.column, id, eventTime?.column, ...contentId];
  const hasContentId = id === undefined && contentId.length > 0;
  const cells = [...new Set(raw.filter((column) => column !== undefined))];
  const cell = (column: string): number => cells.indexOf(column);
  const made: NamedColumn[] = columns.map(({ name: column, type, personal }) => ({
    name: column,
    type: personal === undefined ? type : personal === 'hash' ? 'string' : 'float',
  }));
  const valueOfId = id === undefined && !hasContentId ? 'CAST(r AS STRING)' : `v${columns.length}`;
  return {
    cells,
    work: {
      kind: 'prepare',
      columns: [
        ...columns.map(({ name: column, type, decimal, personal }) => ({
          cell: cell(column),
          type,
          ...(decimal === undefined ? {} : { decimal }),
          ...(personal === undefined ? {} : { personal }),
        })),
        ...(id === undefined ? [] : [{ cell: cell(id), type: 'string' as const, isId: true }]),
      ],
      ...(hasContentId ? { contentId: contentId.map(cell) } : {}),
      label: { ...label, cell: cell(label.column) },
      ...(eventTime === undefined ? {} : { eventTime: timeWork(eventTime, cell(eventTime.column)) }),
      ...(personalKey === undefined
        ? {}
        : { personalKey: { id: personalKey.id, secret: Buffer.from(personalKey.secret).toString('hex') } }),
    },
    gives: [
      ['r', 'long'],
      ['f', 'integer'],
      ['l', 'long'],
      ['y', 'integer'],
      ['t', 'double'],
      ['why', 'string'],
      ['at', 'string'],
      ['text', 'string'],
      ...made.map(({ type }, index) => [`v${index}`, sparkTypes[type]] as const),
      ...(id === undefined && !hasContentId ? [] : ([[`v${columns.length}`, 'string']] as const)),
    ],
    values: [
      ...made.map((column, index) => `v${index} AS ${name(column.name)}`),
      `y AS ${name(reservedColumns.label)}`,
      `${valueOfId} AS ${name(reservedColumns.id)}`,
      `t AS ${name(reservedColumns.timeMs)}`,
    ],
    columns: [
      ...made,
      { name: reservedColumns.label, type: 'integer' },
      { name: reservedColumns.id, type: 'string' },
      { name: reservedColumns.timeMs, type: 'float' },
    ],
  };
}

function timeWork(
  { column, format, zone }: NonNullable<PrepareOptions['eventTime']>,
  cell: number,
): NonNullable<Extract<RowWork, { kind: 'prepare' }>['eventTime']> {
  return { column, cell, format, ...(zone === undefined ? {} : { zone: zone.name }) };
}
