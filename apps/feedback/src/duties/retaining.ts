import { knownModels } from '../store/counts.ts';
import { dropEndedSlices, forgetOld } from '../store/retention.ts';
import { streams, watermarkOf } from '../watermark/progress.ts';
import { type Feedback, longestHorizonMs } from './feedback.ts';

/**
 * Drops what nothing can ask for any more, each time it is called. While a task can't be read, as where a newer version of the code wrote
 * it, its predictions may wait for a label and its window is not known: nothing goes, and that is said when it begins.
 */
export function retaining(feedback: Feedback): () => Promise<void> {
  const { pool, clock, tasks, slices, logger } = feedback;
  let told = '';
  return async () => {
    const { tasks: readable, unreadable } = await tasks.registered();
    const names = unreadable.join(', ');
    if (names !== '' && names !== told)
      logger.warn(
        { tasks: unreadable },
        'tasks that this version cannot read: nothing is dropped until it can, upgrade it',
      );
    told = names;
    if (names !== '') return;
    const { untilMs: watermarkMs } = await watermarkOf(pool, clock, streams);
    const models = [...readable.keys()];
    const known = new Set(await knownModels(pool));
    const begun = models.filter((model) => known.has(model));
    const horizonMs = await longestHorizonMs(feedback);
    await dropEndedSlices({ pool, slices, watermarkMs, models, begun, horizonMs });
    await forgetOld(pool, watermarkMs, horizonMs);
  };
}
