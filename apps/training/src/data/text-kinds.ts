import type { DataSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import type { SpanStatistics } from '@adstocrat/statistics';
import { type TextKind, textKind } from '@adstocrat/transforms';

/** Rows that are looked at, from all over the training rows. */
const drawnRows = 1000;

/** What columns of texts hold, and those of whole numbers that are times by their digits. Others are left out. */
export async function textKinds(
  engine: ExampleEngine,
  train: Relation,
  schema: DataSchema,
  statistics: SpanStatistics,
): Promise<ReadonlyMap<string, TextKind>> {
  const distinct = new Map(statistics.columns.map(({ name, categorical }) => [name, categorical?.distinct ?? 0]));
  const looked = schema.columns.filter(
    ({ role, type }) => (role === 'feature' || role === 'later') && type !== 'float',
  );
  const kinds = new Map<string, TextKind>();
  if (looked.length === 0) return kinds;
  const drawn = await engine.collect(
    await engine.evenRows(train, drawnRows),
    looked.map(({ name }) => name),
  );
  for (const { name } of looked) {
    const cells = Array.from<string | number | null>(drawn.get(name)?.values ?? []);
    const texts = cells.flatMap((cell) => (cell === null || Number.isNaN(cell) ? [] : [String(cell)]));
    kinds.set(name, textKind(texts, distinct.get(name) ?? 0));
    await new Promise(setImmediate);
  }
  return kinds;
}
