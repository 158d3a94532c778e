import { maybeFigure } from '@adstocrat/example-engine';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { ColumnFacts } from '@adstocrat/statistics';

/** What the first line of a file of rows holds. */
export interface FirstCells {
  readonly path: string;
  /** Its cells: names of columns, or the first row. */
  readonly cells: readonly string[];
}

/** Files of examples. */
export interface Examples extends FirstCells {
  /** Their columns, as many as cells; where the first has no name it is none of them. */
  readonly columns: readonly ColumnFacts[];
  /** The label and the values it has, the most frequent ones. */
  readonly label: { readonly column: string; readonly values: readonly string[] };
  /** They have no header line, and their columns are called by their numbers. */
  readonly isNumbered: boolean;
}

/** A column holds figures where so many of its present cells are. */
const most = 0.9;

/**
 * Whether the first line of a file that is not of the examples' columns is a row of theirs: it has as many cells and none of their names, and where a
 * column holds figures, or is the label, so does the cell.
 */
export function isRowOf({ cells }: FirstCells, examples: Examples): boolean {
  if (cells.length !== examples.cells.length || cells.some((cell) => examples.cells.includes(cell))) return false;
  const byName = new Map(examples.columns.map((column) => [column.name, column]));
  return examples.cells.every((name, index) => {
    const [cell = '', column] = [cells[index], byName.get(name)];
    if (column !== undefined && holdsFigures(column)) return maybeFigure(cell);
    return name !== examples.label.column || examples.label.values.includes(cell);
  });
}

/**
 * Throws {@link InvalidRequest} for a file that is a shard of the examples without their header line, or with one where they have none: half of the
 * data must not be missing without a word, nor be taken for a table of something else.
 */
export function checkHasHeader(other: FirstCells, examples: Examples): void {
  if (examples.isNumbered) {
    if (other.cells.length === examples.cells.length && !isRowOf(other, examples))
      throw new InvalidRequest(
        `${other.path}:1: a header line, where ${examples.path} has none, with as many columns: give all files of examples that line, or none`,
      );
    return;
  }
  if (!isRowOf(other, examples)) return;
  const first = other.cells.slice(0, 5).map((name) => JSON.stringify(name));
  throw new InvalidRequest(
    `${other.path}:1: no header line: it has as many columns as ${examples.path}, and the first line is ${first.join(', ')}, not their names; add the line, or leave the file out by data.examples of a task.yaml`,
  );
}

function holdsFigures({ rows, cells: { empty, word, text, written } }: ColumnFacts): boolean {
  const present = rows - empty - word;
  return present > 0 && present - text - written >= most * present;
}
