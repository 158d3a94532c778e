import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterTopic, type EventBus, type Topic } from '@adstocrat/event-bus';
import { bytesOf, replayGroup } from './letter-summary.ts';

/** What came of a replay. */
export interface Replayed {
  readonly events: number;
  /** Letters without the event's bytes: there is nothing to send again. */
  readonly cut: number;
  /** Reason of the dead letter → events. */
  readonly reasons: Readonly<Record<string, number>>;
}

/**
 * Sends dead letters again, each once, with their keys and bytes, under new ids: the log takes an id that it knows for the same
 * event. The new id is the letter's place, so that a letter which is sent again twice is still one event. Ends when none is left, however
 * long the bus takes to hand them over.
 */
export async function replayLetters(
  bus: EventBus,
  contract: Pick<Topic<unknown>, 'name' | 'message'>,
): Promise<Replayed> {
  const letters = bytesOf(contract, deadLetterTopic(contract.name));
  const reasons: Record<string, number> = {};
  let [events, cut] = [0, 0];
  const subscription = await bus.subscribe(letters, { group: replayGroup }, async (batch) => {
    const whole = batch.filter(({ headers }) => headers['dead_letter_truncated'] === undefined);
    await bus.publish(
      bytesOf(contract, contract.name),
      whole.map(({ key, event, partition, position }) => ({
        id: `replay/${contract.name}/${partition}/${position}`,
        key,
        source: 'replay',
        event,
      })),
    );
    for (const { headers } of whole) {
      const reason = headers['dead_letter_reason'] ?? 'unknown';
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    events += whole.length;
    cut += batch.length - whole.length;
  });
  try {
    while ((await bus.lag(letters.name, replayGroup)) > 0) await sleep(100);
  } finally {
    await subscription.close();
  }
  return { events, cut, reasons };
}
