import { setTimeout as sleep } from 'node:timers/promises';
import { openEventBus } from '@adstocrat/adapters';
import { deadLetterTopic, type EventBus, type Topic, uuidV7 } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { systemFor, type SystemChoice } from './system-for.ts';

export interface ReplayOptions extends SystemChoice {
  readonly topic: string;
  readonly json?: boolean;
}

/** What came of a replay. */
export interface Replayed {
  readonly events: number;
  /** Reason of the dead letter → events. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Sends the dead-lettered events of a topic again, each once: for when what they failed on is mended. */
export async function replay(options: ReplayOptions): Promise<void> {
  const contract = Object.values(topics).find(({ name }) => name === options.topic);
  if (contract === undefined)
    throw new ExitError(
      2,
      `no topic "${options.topic}"; topics: ${Object.values(topics)
        .map(({ name }) => name)
        .join(', ')}`,
    );
  await using system = await systemFor(options);
  const bus = await openEventBus(process.env['EVENT_BUS_URL'] ?? system.databaseUrl, { client: 'replay' });
  try {
    const { events, reasons } = await replayDeadLetters(bus, contract);
    if (options.json === true) console.log(JSON.stringify({ topic: options.topic, events, reasons }));
    else if (events === 0) console.log(`${deadLetterTopic(options.topic)} has nothing that was not sent again before`);
    else {
      console.log(`${events} events of ${options.topic} were sent again; they had failed on:`);
      for (const [reason, count] of Object.entries(reasons)) console.log(`  ${count} × ${reason}`);
    }
  } finally {
    await bus.close();
  }
}

/**
 * Sends dead letters again under new ids (an id that the log knows is the same event), with their keys and bytes. Positions are
 * kept: what was sent again is not sent a second time. Ends when none has come for `idleMs`.
 */
export async function replayDeadLetters(
  bus: EventBus,
  { name, message }: Pick<Topic<unknown>, 'name' | 'message'>,
  idleMs = 2000,
): Promise<Replayed> {
  const bytes = (topic: string): Topic<Uint8Array> => ({
    name: topic,
    message,
    encode: (value) => value,
    decode: (value) => value,
  });
  const reasons: Record<string, number> = {};
  let events = 0;
  let lastMs = Date.now();
  const subscription = await bus.subscribe(bytes(deadLetterTopic(name)), { group: 'replay' }, async (batch) => {
    await bus.publish(
      bytes(name),
      batch.map(({ key, event }) => ({ id: uuidV7(), key, source: 'replay', event })),
    );
    for (const { headers } of batch) {
      const reason = headers['dead_letter_reason'] ?? 'unknown';
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    events += batch.length;
    lastMs = Date.now();
  });
  while (Date.now() - lastMs < idleMs) await sleep(50);
  await subscription.close();
  return { events, reasons };
}
