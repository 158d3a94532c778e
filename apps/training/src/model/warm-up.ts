import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import type { Column } from '@adstocrat/examples';
import { type Calibration, scorer } from '@adstocrat/models';
import type { WarmUp } from '@adstocrat/servables';

/** Rows of the warm-up. */
export const warmUpRows = 32;

/** The first validation rows as a client would send them, with the trainer's own answers. */
export async function warmUpOf(
  engine: ExampleEngine,
  validation: Relation,
  columns: readonly string[],
  logits: Float32Array,
  calibration: Calibration,
): Promise<WarmUp> {
  for await (const batch of engine.batches(validation, { columns, batchRows: warmUpRows })) {
    const scores = Array.from(logits.subarray(0, batch.rows), scorer(calibration));
    const values = (column: Column | undefined): readonly (string | number | null)[] =>
      Array.from<string | number | null>(column?.values ?? []).map((value) =>
        typeof value === 'number' && Number.isNaN(value) ? null : value,
      );
    return {
      rows: batch.rows,
      columns: Object.fromEntries(columns.map((name) => [name, values(batch.columns.get(name))])),
      scores,
    };
  }
  return { rows: 0, columns: {}, scores: [] };
}
