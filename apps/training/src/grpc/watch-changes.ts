import { setTimeout as sleep } from 'node:timers/promises';
import { Unavailable } from '@adstocrat/service-kit';

export interface WatchSignals {
  /** Who watches is gone. */
  readonly signal: AbortSignal;
  readonly stopping: AbortSignal;
}

/**
 * What is seen, whenever its message has changed, until it is over; what is not there yet is waited for. `everyMs`: wall milliseconds between two
 * looks. Throws {@link Unavailable} where the service stops meanwhile.
 */
export async function* watchChanges<V, M>(
  watched: {
    readonly everyMs: number;
    readonly look: () => Promise<V | undefined>;
    readonly say: (seen: V) => M;
    readonly isOver: (seen: V) => boolean;
  },
  { signal, stopping }: WatchSignals,
): AsyncGenerator<M> {
  for (let last = ''; !signal.aborted && !stopping.aborted; await sleep(watched.everyMs)) {
    const seen = await watched.look();
    if (seen === undefined) continue;
    const message = watched.say(seen);
    const said = JSON.stringify(message);
    if (said !== last) yield message;
    if (watched.isOver(seen)) return;
    last = said;
  }
  if (stopping.aborted) throw new Unavailable('training is stopping: watch again');
}
