import type { ColumnType } from '@adstocrat/examples';
import type { CellKind, ColumnFacts } from '@adstocrat/statistics';
import type { ColumnSchema } from './data-schema.ts';

/** What a raw column is taken for, and what that costs. */
export interface InferredType {
  readonly type: ColumnType;
  /** How its numbers write decimals. */
  readonly decimal: '.' | ',';
  /** Cells that hold something that the type has no value for: missing in the span. */
  readonly strays: number;
  /** One of them. */
  readonly example?: string;
  /** Cells such as NA among numbers: missing in the span. */
  readonly words: number;
  /** Cells that are numbers, where the column is text all the same. */
  readonly numbers: number;
  /** The column is empty in every row: it has no type yet. */
  readonly empty: boolean;
}

export interface TypeOptions {
  /** Share of the present cells that may be no numbers in a column of numbers, in [0, 1]. One cell always may. */
  readonly tolerate: number;
  /** Numeric: strays are missing, however many. Exact: the values are names, of which none may be lost. */
  readonly use?: 'numeric' | 'exact' | undefined;
  /** Declared, for what the cells do not tell: a point declared is a point, a comma is none where most fractions have a point. */
  readonly decimal?: '.' | ',' | undefined;
}

/**
 * The type of a column over all its rows. Numeric where its cells are numbers but for the tolerated share: never does one odd cell
 * make text of a column of numbers. Text where more than that are codes (007) or whole numbers that a double does not hold.
 */
export function inferType(facts: ColumnFacts, options: TypeOptions): InferredType {
  const { cells, rows } = facts;
  const present = rows - cells.empty - cells.word;
  const decimal = options.decimal === '.' ? '.' : (decimalOf(facts, options.tolerate) ?? options.decimal ?? '.');
  const numeric: CellKind[] = ['integer', 'decimal', 'pointed', 'padded', 'big'];
  if (decimal === ',') numeric.push('comma', 'grouped', 'thousands');
  const fraction = cells.decimal + (decimal === ',' ? cells.comma + cells.grouped : cells.pointed) > 0;
  const isText = (strays: number): InferredType => ({
    type: 'string',
    decimal: '.',
    strays: 0,
    words: 0,
    empty: rows === cells.empty,
    numbers: present - strays,
  });
  const sum = (kinds: readonly CellKind[]): number => kinds.reduce((total, kind) => total + cells[kind], 0);
  if (options.use === 'exact') {
    const kinds = numeric.filter((kind) => kind !== 'padded' && kind !== 'big');
    if (present === 0 || cells.word > 0 || sum(kinds) < present) return isText(present - sum(numeric));
  }
  const tolerated = Math.max(1, Math.floor(options.tolerate * present));
  const asNumbers = options.use === 'numeric';
  // A whole number beyond 2^53 is exact as text only; beside fractions it is as exact as they are.
  const lost: CellKind[] = fraction || asNumbers ? [] : ['big'];
  const kinds = numeric.filter((kind) => !lost.includes(kind));
  const strays = present - sum(kinds);
  if (sum(kinds) === 0) return isText(present - sum(numeric));
  if (!asNumbers && (cells.padded > tolerated || strays > tolerated || 2 * strays > present))
    return isText(present - sum(numeric));
  const strayKinds = (Object.keys(cells) as CellKind[]).filter(
    (kind) => kind !== 'empty' && kind !== 'word' && !kinds.includes(kind),
  );
  const example = strayKinds.map((kind) => facts.examples[kind]).find((one) => one !== undefined);
  return {
    type: fraction || (asNumbers && cells.big > 0) ? 'float' : 'integer',
    decimal,
    strays,
    words: cells.word,
    numbers: sum(kinds),
    empty: false,
    ...(strays === 0 || example === undefined ? {} : { example }),
  };
}

/** How a file writes the numbers of a model's column: as its cells say, else as the examples were written. */
export function decimalIn(facts: ColumnFacts | undefined, { decimal }: Pick<ColumnSchema, 'decimal'>): '.' | ',' {
  return (facts && decimalOf(facts, toleratedHere)) ?? decimal ?? '.';
}

/** Share of cells that are written in the other way and decide nothing: a task's default. */
const toleratedHere = 0.01;

/**
 * What the cells' numbers say: 3,14, 0,870 and 1.025,46 a comma, 3.14 a point; 1,234 and 1.025 alone nothing. So few commas that they
 * are strays say nothing against 1.025, which would be a thousand times as much.
 */
function decimalOf({ cells, rows }: ColumnFacts, tolerate: number): '.' | ',' | undefined {
  const commas = cells.comma + cells.grouped;
  const strays = Math.max(1, Math.floor(tolerate * (rows - cells.empty - cells.word)));
  if (cells.comma > 0 && cells.decimal <= Math.floor(tolerate * commas))
    return cells.pointed > 0 && commas <= strays && cells.pointed > commas ? '.' : ',';
  return cells.decimal > 0 ? '.' : undefined;
}
