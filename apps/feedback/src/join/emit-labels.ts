import type { Pool } from 'pg';
import type { EventBus } from '@adstocrat/event-bus';
import { events, topics } from '@adstocrat/schemas';

const batchRows = 1000;

interface FinalRow {
  readonly prediction_id: string;
  readonly opened_ms: number;
  readonly clicked_ms: number | null;
  readonly event: Buffer;
}

/**
 * Says each prediction whose window is over as `example.labelled`, clicked or not: any stretch of what is said is then an unbiased
 * sample, where clicks said at once would run ahead of the rows that nobody clicked. Said first, marked then: after a crash in
 * between it is said again, under the same id. Returns how many.
 */
export async function emitLabels(
  pool: Pool,
  bus: EventBus,
  model: string,
  window: { readonly lengthMs: number; readonly watermarkMs: number },
): Promise<number> {
  const { lengthMs, watermarkMs } = window;
  let emitted = 0;
  for (;;) {
    const { rows } = await pool.query<FinalRow>(
      `SELECT prediction_id, opened_ms, clicked_ms, event FROM feedback.predictions
       WHERE model = $1 AND NOT labelled AND opened_ms <= $2
       ORDER BY opened_ms LIMIT ${batchRows}`,
      [model, Math.floor(watermarkMs - lengthMs)],
    );
    if (rows.length === 0) return emitted;
    const labels = rows.map((row) => {
      const label =
        row.clicked_ms !== null && row.clicked_ms >= row.opened_ms && row.clicked_ms <= row.opened_ms + lengthMs;
      return { row, label, atMs: label ? (row.clicked_ms ?? 0) : row.opened_ms + lengthMs };
    });
    await bus.publish(
      topics.exampleLabelled,
      labels.map(({ row, label, atMs }) => ({
        id: `example.labelled/${row.prediction_id}`,
        key: row.prediction_id,
        source: 'feedback',
        timeMs: Date.now(),
        event: { prediction: events.PredictionMade.decode(row.event), label, labelledAtMs: atMs },
      })),
    );
    await pool.query(
      `WITH marked AS (
         UPDATE feedback.predictions SET labelled = true WHERE prediction_id = ANY($1::text[]) AND NOT labelled
         RETURNING 1
       )
       UPDATE feedback.totals SET labelled = labelled + (SELECT count(*) FROM marked), clicks = clicks + $2 WHERE model = $3`,
      [rows.map((row) => row.prediction_id), labels.filter(({ label }) => label).length, model],
    );
    emitted += rows.length;
    if (rows.length < batchRows) return emitted;
  }
}
