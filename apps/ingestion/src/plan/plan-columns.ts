import { inferType, type TypeOptions } from '@adstocrat/data-validation';
import { BadData } from '@adstocrat/example-engine';
import type { ColumnType } from '@adstocrat/examples';
import type { ColumnFacts } from '@adstocrat/statistics';
import { readingOf, type Task } from '@adstocrat/tasks';
import type { SpanColumn } from '../span/span-column.ts';
import { areCleanNumbers } from './clean-cells.ts';
import { count, type SpanFacts } from './span-facts.ts';

export interface ColumnsPlan {
  readonly columns: readonly SpanColumn[];
  readonly labelType: ColumnType;
  /** What was guessed. */
  readonly notes: readonly string[];
  /** What is odd. */
  readonly findings: readonly string[];
}

/** The task as far as columns go, with the event time that was found. */
type ColumnTask = Pick<
  Task,
  'label' | 'id' | 'eventTime' | 'unit' | 'item' | 'image' | 'features' | 'personal' | 'data' | 'weight'
>;

/**
 * The span's columns in order and what each cell is read as. Throws {@link BadData} where a column is declared numeric and holds hardly
 * a number.
 */
export function planColumns(
  task: ColumnTask,
  facts: Pick<SpanFacts, 'columns' | 'tables'>,
  tolerate: number,
): ColumnsPlan {
  const notes: string[] = [];
  const findings: string[] = [];
  const keys = new Set(task.data.tables.map(({ key }) => key));
  const planned = (column: ColumnFacts, table?: number): SpanColumn => {
    const { name } = column;
    const from = table === undefined ? { name } : { name, table };
    const personal = Object.hasOwn(task.personal, name) ? task.personal[name] : undefined;
    // As a server reads them, which knows no other rows: every spelling is a name.
    if (personal === 'hash') return { ...from, type: 'string', personal };
    if (name === task.id || name === task.eventTime || name === task.image?.column) return { ...from, type: 'string' };
    const use = useOf(task, name, keys);
    const { type, decimal, strays, example, words, numbers } = inferType(column, {
      tolerate,
      use,
      decimal: task.data.decimal,
    });
    const present = column.rows - column.cells.empty - column.cells.word;
    const shown = (text: string | undefined): string => (personal === undefined ? `"${text ?? ''}"` : 'not shown here');
    if (use === 'numeric' && 2 * numbers < present)
      throw new BadData(
        `${personal === undefined ? 'features' : 'personal'}: "${name}" is declared numeric, and only ${count(numbers)} of its ${count(present)} values are numbers; another: ${shown(example ?? column.examples.text ?? column.examples.written)}`,
      );
    if (strays > 0)
      findings.push(
        `${name}: ${count(strays)} of ${count(present)} values are no numbers and count as missing, for example ${shown(example)}`,
      );
    if (words > 0 && type !== 'string')
      notes.push(`${name}: "${column.examples.word ?? ''}" and the like, ${count(words)} cells, count as missing`);
    const { grouped, padded } = column.cells;
    const asWritten = asWrittenOf(column);
    // Those that are written plainly are of one kind, all that are not negative, say: the others are not to be taken for missing.
    const isWritten = asWritten + numbers > writtenShare(column) * present;
    const areOthersWritten =
      isWritten && numbers < present && 2 * asWritten > present - numbers && column.distinct >= manyValues;
    if (type === 'string' && 2 * numbers > present && use === undefined && padded === 0 && !areOthersWritten) {
      const other =
        column.examples.text ??
        column.examples.written ??
        column.examples.grouped ??
        column.examples.infinite ??
        column.examples.big;
      findings.push(
        numbers === present
          ? `${name}: all values are numbers, and some of more digits than a number holds, for example "${other ?? ''}": taken as text (task.yaml: features: {${name}: numeric} reads the others)`
          : `${name}: ${count(numbers)} of ${count(present)} values are numbers, the others are not, for example "${other ?? ''}": taken as text (task.yaml: features: {${name}: numeric} makes those missing)`,
      );
    } else if (type === 'string' && use === undefined) {
      // Numbers among codes, or among words, make none of the others a number.
      if ((column.distinct >= manyValues || 2 * grouped > present) && asWritten > padded && isWritten)
        findings.push(asPeopleWrite(column, asWritten, present));
    }
    if (decimal === ',' && task.data.decimal === undefined)
      notes.push(`${name}: read with a decimal comma (task.yaml: data.decimal)`);
    const clean = areCleanNumbers(column, typeof personal === 'object' ? 'float' : type) ? { isClean: true } : {};
    const written = decimal === ',' ? { decimal } : clean;
    if (typeof personal === 'object') return { ...from, type: 'float', ...written, personal };
    return { ...from, type, ...written };
  };
  const kept = facts.columns.filter(
    ({ name }) => !Object.hasOwn(task.personal, name) || task.personal[name] !== 'drop',
  );
  const columns = [
    ...kept.map((column) => planned(column)),
    ...facts.tables.flatMap(({ key, columns: own }, table) =>
      own.filter(({ name }) => name !== key).map((column) => planned(column, table)),
    ),
  ];
  findings.push(...ambiguousPoints(columns, facts, task.data));
  return {
    columns: columns.filter(({ name }) => name !== task.label),
    labelType: columns.find(({ name }) => name === task.label)?.type ?? 'integer',
    notes,
    findings: findings.filter((one) => !one.startsWith(`${task.label}: `)),
  };
}

/** Those that are read with a decimal comma. */
export function decimalCommas(columns: readonly SpanColumn[]): readonly string[] {
  return columns.filter(({ decimal }) => decimal === ',').map(({ name }) => name);
}

/** Cells that look like numbers as people write them. */
const asWrittenOf = ({ cells: { written, comma, grouped, thousands } }: ColumnFacts): number =>
  written + comma + grouped + thousands;

/** More than this share of a column's values are numbers, plain or as people write them, where those are told. */
function writtenShare({ examples: { written } }: ColumnFacts): number {
  // House numbers and codes end so as well, among others that end in other letters.
  return /^[0-9]+[KMBkm]$/.test(written ?? '') ? 0.95 : 0.5;
}

/** Of a column of text whose cells look like numbers. */
function asPeopleWrite(
  { name, examples: { written, comma, grouped, thousands }, cells }: ColumnFacts,
  found: number,
  present: number,
): string {
  const alike = `${name}: ${count(found)} of ${count(present)} values look like numbers as people write them, for example "${written ?? comma ?? grouped ?? thousands ?? ''}", and are taken as text`;
  const ambiguous = grouped !== undefined && cells.written + cells.comma + cells.thousands === 0;
  const way = ambiguous
    ? 'their comma may be decimal or of thousands: with task.yaml: data.decimal: "," it is decimal, else write them plainly, as 1234.5'
    : `write them plainly, as 1234.5`;
  return `${alike}: ${way} (or task.yaml: features: {${name}: vocabulary})`;
}

/** Columns whose points are all before three digits, where another column has decimal commas: theirs may be points of thousands. */
function ambiguousPoints(
  columns: readonly SpanColumn[],
  facts: Pick<SpanFacts, 'columns' | 'tables'>,
  data: Task['data'],
): readonly string[] {
  const comma = columns.find(({ decimal }) => decimal === ',');
  if (comma === undefined || data.decimal !== undefined) return [];
  const all = [...facts.columns, ...facts.tables.flatMap((table) => table.columns)];
  const numbers = new Set(
    columns.flatMap(({ name, type, decimal, personal }) =>
      type === 'string' || decimal === ',' || personal !== undefined ? [] : [name],
    ),
  );
  return all
    .filter(({ name, cells }) => numbers.has(name) && cells.pointed > 0 && cells.decimal === 0)
    .map(
      ({ name, cells, examples }) =>
        `${name}: ${count(cells.pointed)} values such as "${examples.pointed ?? ''}" are read with a decimal point, and "${comma.name}" beside has decimal commas: task.yaml: data.decimal: "," makes those thousands, "." says that they are none`,
    );
}

/** Different values from which a column of text is more than a few names. */
const manyValues = 50;
/** What a column is declared for. Of personal ones only buckets of numbers get here. Names (unit, item, keys, vocabularies) lose none of their values. */
function useOf(task: ColumnTask, name: string, keys: ReadonlySet<string>): TypeOptions['use'] {
  const reading = readingOf(task.features, name);
  if (Object.hasOwn(task.personal, name) || reading === 'numeric' || name === task.weight) return 'numeric';
  return reading === 'names' || name === task.unit || name === task.item || keys.has(name) ? 'exact' : undefined;
}
