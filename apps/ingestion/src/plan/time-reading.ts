import { digitFormats, isShortYear, type TimeFormat, writtenFormats } from '@adstocrat/examples';
import type { CellKind, ColumnFacts } from '@adstocrat/statistics';

/** Kinds of dates that may be read in two orders, and the formats of these. */
export const orders = {
  slashed: ['dd/mm/yyyy', 'mm/dd/yyyy'],
  'slashed-yy': ['dd/mm/yy', 'mm/dd/yy'],
} as const satisfies Partial<Record<CellKind, readonly [TimeFormat, TimeFormat]>>;
/** No cell says which of the orders it is. */
export type Unsettled = keyof typeof orders;

/** Kinds of dates with years of two digits. */
export const shortYearKinds = ['dd.mm.yy', 'dd/mm/yy', 'mm/dd/yy', 'slashed-yy'] as const satisfies readonly CellKind[];

/** A cell in them says which is the day and which the month. */
const clearFormats = writtenFormats.filter((format) => format !== 'dd/mm/yyyy' && format !== 'mm/dd/yyyy');

/** A column's cells as times: the format that most have, and how many do. */
export interface Reading {
  readonly name: string;
  readonly format: TimeFormat | Unsettled;
  readonly times: number;
  readonly distinct: number;
}

type Cells = ColumnFacts['cells'];

export function isUnsettled(format: Reading['format']): format is Unsettled {
  return Object.hasOwn(orders, format);
}

/** Whether most years of a reading, which says which is the day and which the month, have two digits. */
export function hasShortYears({ format, times }: Pick<Reading, 'format' | 'times'>, cells: Cells): boolean {
  if (isUnsettled(format) || !isShortYear(format)) return false;
  return 2 * shortYearCells(cells) > times;
}

/** How many cells of a column are dates with years of two digits. */
export function shortYearCells(cells: Cells): number {
  return shortYearKinds.reduce((sum, kind) => sum + cells[kind], 0);
}

/** The format of a column's times; undefined where it has none. `minority`: share that may be written the other way round. */
export function readingOf({ name, cells, digitTimes, distinct }: ColumnFacts, minority: number): Reading | undefined {
  const found: readonly (readonly [format: Reading['format'], times: number])[] = [
    ...clearFormats.map((format) => [format, cells[format]] as const),
    ['dd.mm.yy', dottedOf(cells)],
    ...(['slashed', 'slashed-yy'] as const).map((kind) => settled(kind, slashedOf(cells, kind), minority)),
    ...digitFormats.map((digits) => [digits, digitTimes[digits]] as const),
  ];
  const [best] = found.toSorted(([, a], [, b]) => b - a);
  return best === undefined || best[1] === 0 ? undefined : { name, format: best[0], times: best[1], distinct };
}

/** Formats with how many cells of a column may be times of them, of two orders both. */
export function possibleTimes({
  cells,
  digitTimes,
}: ColumnFacts): readonly (readonly [format: TimeFormat, times: number])[] {
  return [
    ...clearFormats.map((format) => [format, cells[format]] as const),
    ['dd.mm.yy', dottedOf(cells)],
    ...(['slashed', 'slashed-yy'] as const).flatMap((kind) => {
      const { days, months, either } = slashedOf(cells, kind);
      return orders[kind].map((format) => [format, days + months + either] as const);
    }),
    ...digitFormats.map((digits) => [digits, digitTimes[digits]] as const),
  ];
}

/** Where no year has two digits the format of four says it all. */
function dottedOf(cells: Cells): number {
  return cells['dd.mm.yy'] === 0 ? 0 : cells['dd.mm.yy'] + cells['dd.mm.yyyy'];
}

interface Slashed {
  readonly days: number;
  readonly months: number;
  readonly either: number;
}

/** Dates by what is first in them; with those of four digits where some years have two. */
function slashedOf(cells: Cells, kind: Unsettled): Slashed {
  const own = { days: cells[orders[kind][0]], months: cells[orders[kind][1]], either: cells[kind] };
  if (kind === 'slashed' || own.days + own.months + own.either === 0) return own;
  const { days, months, either } = slashedOf(cells, 'slashed');
  return { days: own.days + days, months: own.months + months, either: own.either + either };
}

/** The order that cells say, all but a few of those that say one. */
function settled(
  kind: Unsettled,
  { days, months, either }: Slashed,
  minority: number,
): readonly [format: Reading['format'], times: number] {
  const all = days + months + either;
  const few = Math.min(days, months);
  const isClear = Math.max(days, months) > 0 && few <= Math.max(1, minority * all) && days !== months;
  return isClear ? [orders[kind][days > months ? 0 : 1], all - few] : [kind, all];
}
