import type { Pool } from 'pg';
import { events, type feedback } from '@adstocrat/schemas';
import { type Clock, InvalidRequest } from '@adstocrat/service-kit';
import { nameProblem } from '../facts/checked.ts';
import { predictionStream, watermarkOf } from '../watermark/progress.ts';

/** Models whose predictions are answered at once, at most: a row may have 800 kB. */
const maxModels = 16;

/** What was scored under an id. Throws {@link InvalidRequest} for what is no name. */
export async function findPredictions(
  pool: Pool,
  clock: Clock,
  { predictionId, model }: feedback.FindPredictionsRequest,
): Promise<feedback.FindPredictionsResponse> {
  refuse('prediction_id', nameProblem(predictionId));
  refuse('model', model === '' ? undefined : nameProblem(model));
  // How far is read is asked first: what is not found then had not come by that time.
  const nowMs = Math.floor(clock.nowMs());
  const { untilMs } = await watermarkOf(pool, clock, [predictionStream]);
  const [kept, found] = await Promise.all([
    pool.query<{ from_ms: number | null }>('SELECT min(from_ms) AS from_ms FROM feedback.slices WHERE NOT dropped'),
    pool.query<{ event: Buffer }>(
      `SELECT DISTINCT ON (model) event FROM feedback.predictions WHERE prediction_id = $1 AND ($2 = '' OR model = $2)
       ORDER BY model, slice LIMIT ${maxModels}`,
      [predictionId, model],
    ),
  ]);
  return {
    predictions: found.rows.map(({ event }) => events.PredictionMade.decode(event)),
    keptFromMs: kept.rows[0]?.from_ms ?? 0,
    readUntilMs: untilMs,
    nowMs,
  };
}

function refuse(field: string, problem: string | undefined): void {
  if (problem !== undefined) throw new InvalidRequest(`${field} ${problem}`);
}
