import type { ExampleEngine, Reject, Rejects, Relation } from '@adstocrat/example-engine';
import type { ColumnarBatch } from '@adstocrat/examples';
import type { TakenImages } from './take-images.ts';

/** Values that are taken at once. */
const batchRows = 8192;

/** Images of a span: which there are, and what was set aside. */
export interface ImageIndex {
  /** Columns `value` (of the image column) and `sha256`, by value. */
  readonly index: Relation;
  readonly images: number;
  readonly rejects: Rejects;
}

/**
 * Takes the images that a column's values name, so many at a time: there may be millions. `take` is asked for each lot of values.
 */
export async function indexImages(
  engine: ExampleEngine,
  values: Relation,
  column: string,
  take: (values: readonly string[], done: number) => Promise<TakenImages>,
): Promise<ImageIndex> {
  const taken = await engine.fromBatches(
    ['value', 'sha256', 'file', 'reason'].map((name) => ({ name, type: 'string' })),
    takenBatches(engine, values, column, take),
  );
  const index = await engine.fromBatches(
    ['value', 'sha256'].map((name) => ({ name, type: 'string' })),
    found(engine, taken),
  );
  return { index, images: await engine.count(index), rejects: await engine.rejects(missed(engine, taken)) };
}

async function* takenBatches(
  engine: ExampleEngine,
  values: Relation,
  column: string,
  take: (values: readonly string[], done: number) => Promise<TakenImages>,
): AsyncGenerator<ColumnarBatch> {
  let done = 0;
  for await (const batch of engine.batches(values, { columns: [column], batchRows })) {
    const some = textsOf(batch, column).filter((value) => value !== null);
    const { digests, rejects } = await take(some, done);
    const rows = [
      ...Array.from(digests, ([value, sha256]) => [value, sha256, null, null]),
      ...rejects.map(({ file, reason }) => [null, null, file, reason]),
    ];
    const text = (at: number) => ({ type: 'string', values: rows.map((row) => row[at] ?? null) }) as const;
    yield {
      rows: rows.length,
      columns: new Map(['value', 'sha256', 'file', 'reason'].map((name, at) => [name, text(at)])),
    };
    done += some.length;
  }
}

async function* found(engine: ExampleEngine, taken: Relation): AsyncGenerator<ColumnarBatch> {
  for await (const batch of engine.batches(taken, { columns: ['value', 'sha256'], batchRows })) {
    const [value, sha256] = [textsOf(batch, 'value'), textsOf(batch, 'sha256')];
    const rows = value.flatMap((one, row) => (one === null ? [] : [row]));
    const picked = (texts: readonly (string | null)[]) =>
      ({ type: 'string', values: rows.map((row) => texts[row] ?? null) }) as const;
    yield {
      rows: rows.length,
      columns: new Map([
        ['value', picked(value)],
        ['sha256', picked(sha256)],
      ]),
    };
  }
}

async function* missed(engine: ExampleEngine, taken: Relation): AsyncGenerator<Reject> {
  for await (const batch of engine.batches(taken, { columns: ['file', 'reason'], batchRows })) {
    const [files, reasons] = [textsOf(batch, 'file'), textsOf(batch, 'reason')];
    for (const [row, file] of files.entries()) if (file !== null) yield { file, line: 0, reason: reasons[row] ?? '' };
  }
}

function textsOf(batch: ColumnarBatch, column: string): readonly (string | null)[] {
  return (batch.columns.get(column)?.values ?? []) as readonly (string | null)[];
}
