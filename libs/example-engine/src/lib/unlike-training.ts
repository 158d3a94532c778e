import type { ExampleEngine, Relation } from './example-engine.ts';

/** What a model learned from, of one of its columns. */
export interface LearnedColumn {
  readonly name: string;
  readonly type: 'string' | 'float' | 'integer';
  /** Those that are no features are not looked at. */
  readonly role: string;
  /** Least and largest. */
  readonly range?: readonly [number, number];
  readonly domain?: readonly string[];
}

/** A column most of whose values are none like those that a model learned from. */
export interface UnlikeColumn {
  readonly column: string;
  /** For people. */
  readonly sentence: string;
}

/** Different values of a column that are looked at. */
const looked = 1000;

/**
 * Values of a column that say something: of fewer most may be none like those of training by chance, of one alone half of all that are
 * new. Where one in a hundred is, six of ten are by a chance of 2 in 10^10.
 */
export const enoughRows = 10;

type Looking = Pick<ExampleEngine, 'quantiles' | 'vocabulary' | 'moments'>;

/**
 * Columns of typed rows most of whose values are none like those that a model learned from: numbers beyond its range, as of another unit,
 * and words that it never saw, as in another spelling. A column of fewer than {@link enoughRows} values is none of them. `hidden`: columns that it knows pseudonyms of. `withheld`: no word of the rows is
 * repeated.
 */
export async function unlikeTraining(
  engine: Looking,
  rows: Relation,
  columns: readonly LearnedColumn[],
  { hidden = new Set(), withheld = false }: { readonly hidden?: ReadonlySet<string>; readonly withheld?: boolean } = {},
): Promise<readonly UnlikeColumn[]> {
  const unlike: UnlikeColumn[] = [];
  for (const column of columns) {
    const { name } = column;
    if (column.role !== 'feature' || hidden.has(name)) continue;
    const odd =
      column.type === 'string'
        ? await strangeWords(engine, rows, column, withheld)
        : await strangeNumbers(engine, rows, column);
    if (odd !== undefined) unlike.push({ column: name, sentence: `${name}: ${odd}` });
  }
  return unlike;
}

async function strangeNumbers(
  engine: Looking,
  rows: Relation,
  { name, range }: LearnedColumn,
): Promise<string | undefined> {
  const [median] = range === undefined ? [] : await engine.quantiles(rows, name, [0.5]);
  if (range === undefined || median === undefined || !(median < range[0] || median > range[1])) return undefined;
  // Counted only where something would be said.
  if ((await engine.moments(rows, name)).count < enoughRows) return undefined;
  const [least, most] = range.map(shown);
  return `most values lie outside of ${least} to ${most}, which is what the model learned from (the median is ${shown(median)}): are they of another unit?`;
}

async function strangeWords(
  engine: Looking,
  rows: Relation,
  { name, domain }: LearnedColumn,
  withheld: boolean,
): Promise<string | undefined> {
  if (domain === undefined) return undefined;
  const known = new Set(domain);
  const { terms } = await engine.vocabulary(rows, name, { limit: looked });
  const all = terms.reduce((sum, { count }) => sum + count, 0);
  const strange = terms.filter(({ value }) => !known.has(value));
  const count = strange.reduce((sum, one) => sum + one.count, 0);
  if (all < enoughRows || 2 * count <= all) return undefined;
  const example = withheld ? '' : `, for example ${JSON.stringify(strange[0]?.value)}`;
  return `${count.toLocaleString('en')} of ${all.toLocaleString('en')} values are none of those that the model learned from${example}: are they spelled otherwise?`;
}

const shown = (number: number): string => String(Number(number.toPrecision(6)));
