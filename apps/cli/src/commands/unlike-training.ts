import type { ColumnSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';

/** Different values of a column that are looked at. */
const looked = 1000;

/**
 * Columns of typed rows most of whose values are none like those that a model learned from, in sentences: numbers beyond its range, as of
 * another unit, and words that it never saw, as in another spelling. `hidden`: columns that it knows pseudonyms of.
 */
export async function unlikeTraining(
  engine: Pick<ExampleEngine, 'quantiles' | 'vocabulary' | 'count'>,
  rows: Relation,
  columns: readonly ColumnSchema[],
  hidden: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const sentences: string[] = [];
  for (const column of columns) {
    if (column.role !== 'feature' || hidden.has(column.name)) continue;
    const odd =
      column.type === 'string' ? await strangeWords(engine, rows, column) : await strangeNumbers(engine, rows, column);
    if (odd !== undefined) sentences.push(`odd: ${column.name}: ${odd}`);
  }
  return sentences;
}

async function strangeNumbers(
  engine: Pick<ExampleEngine, 'quantiles'>,
  rows: Relation,
  { name, range }: ColumnSchema,
): Promise<string | undefined> {
  const [median] = range === undefined ? [] : await engine.quantiles(rows, name, [0.5]);
  if (range === undefined || median === undefined || !(median < range[0] || median > range[1])) return undefined;
  const [least, most] = range.map(shown);
  return `most values lie outside of ${least} to ${most}, which is what the model learned from (the median is ${shown(median)}): are they of another unit?`;
}

async function strangeWords(
  engine: Pick<ExampleEngine, 'vocabulary'>,
  rows: Relation,
  { name, domain }: ColumnSchema,
): Promise<string | undefined> {
  if (domain === undefined) return undefined;
  const known = new Set(domain);
  const { terms } = await engine.vocabulary(rows, name, { limit: looked });
  const all = terms.reduce((sum, { count }) => sum + count, 0);
  const strange = terms.filter(({ value }) => !known.has(value));
  const count = strange.reduce((sum, one) => sum + one.count, 0);
  if (2 * count <= all) return undefined;
  return `${count.toLocaleString('en')} of ${all.toLocaleString('en')} values are none of those that the model learned from, for example ${JSON.stringify(strange[0]?.value)}: are they spelled otherwise?`;
}

const shown = (number: number): string => String(Number(number.toPrecision(6)));
