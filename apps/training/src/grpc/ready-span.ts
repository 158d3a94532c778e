import type { Spans } from '@adstocrat/metadata';
import { FailedPrecondition, NotFound } from '@adstocrat/service-kit';

/** The newest of the asked spans, or of all that are ready. Throws where there is none. */
export type ReadySpan = (task: string, asked: readonly number[]) => Promise<number>;

export function readySpanIn(registry: Pick<Spans, 'listSpans'>): ReadySpan {
  return async (task, asked) => {
    const ready = (await registry.listSpans(task)).filter((span) => span.ready).map(({ span }) => span);
    const newest = asked.length > 0 ? Math.max(...asked) : ready.at(-1);
    if (newest === undefined)
      throw new FailedPrecondition(`task "${task}" has no span that is ready: ingest data first`);
    if (!ready.includes(newest)) throw new NotFound(`task "${task}" has no ready span ${newest}`);
    return newest;
  };
}
