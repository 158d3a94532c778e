import { lanes } from '../store/tables.ts';
import type { Feedback } from '../duties/feedback.ts';
import { labelsPublished } from '../telemetry.ts';
import { streamsOf, watermarkOf } from '../watermark/progress.ts';
import { closeLane } from './close-windows.ts';

/** Rows closed at once, and bytes of their events, at most. */
const [maxRows, maxBytes] = [2500, 4_000_000];

/**
 * Says every label of a model that is final. Processes share the lanes: each begins at one of its own and passes over those that
 * another holds.
 */
export async function labelModel(
  feedback: Feedback,
  model: string,
  firstLane: number,
  signal: AbortSignal,
): Promise<void> {
  const { pool, bus, tasks, clock } = feedback;
  const known = (await tasks.all()).get(model);
  if (known === undefined) return;
  const { rule } = known;
  for (let index = 0; index < lanes; index += 1) {
    const lane = (firstLane + index) % lanes;
    for (let more = true; more && !signal.aborted;) {
      const { untilMs: watermarkMs } = await watermarkOf(pool, clock, streamsOf(rule.opens));
      const closed = await closeLane({ pool, bus, model, lane, rule, watermarkMs, maxRows, maxBytes });
      more = closed.more;
      labelsPublished.add(closed.rows, { model });
    }
  }
}
