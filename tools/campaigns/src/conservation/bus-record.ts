import type { EventBus, Topic } from '@adstocrat/event-bus';
import { deadLetterTopic } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';
import type { SeenClick, ServedPrediction } from './reference.ts';
import type { SystemClock } from './system-clock.ts';
import { Tally } from '../tally.ts';

/** A label as it was said. */
export interface SaidLabel {
  readonly label: boolean;
  readonly openedAtMs: number;
}

/** What lies on the bus in the end. Rows are known by {@link rowKey}. */
export interface BusRecord {
  /** The first of each row, in the log's order. */
  readonly predictions: ReadonlyMap<string, ServedPrediction>;
  readonly predictionsAgain: number;
  /** By prediction id. */
  readonly clicks: ReadonlyMap<string, readonly SeenClick[]>;
  readonly clickEvents: number;
  readonly labels: ReadonlyMap<string, SaidLabel>;
  readonly labelsAgain: number;
  /** Said a second time with another label or another opening. */
  readonly labelsContradicted: number;
  /** Events put aside, by topic. */
  readonly deadLetters: Tally;
}

/** Model and prediction id as one word: no id holds a line feed. */
export function rowKey(model: string, predictionId: string): string {
  return `${model}\n${predictionId}`;
}

/** Reads everything, from the beginning, as a group of its own would. */
export async function readBus(bus: EventBus, clock: SystemClock): Promise<BusRecord> {
  const predictions = new Map<string, ServedPrediction>();
  let predictionsAgain = 0;
  for await (const { event } of bus.scan(topics.predictionMade)) {
    const { model, predictionId, servedAtMs } = event;
    const key = rowKey(model, predictionId);
    if (predictions.has(key)) predictionsAgain += 1;
    else predictions.set(key, { model, predictionId, servedAtMs });
  }
  const clicks = new Map<string, SeenClick[]>();
  let clickEvents = 0;
  for await (const { event, appendedMs } of bus.scan(topics.clickSeen)) {
    const { predictionId, model, eventTimeMs } = event;
    const those = clicks.get(predictionId) ?? [];
    those.push({ predictionId, model, eventTimeMs, seenMs: clock.at(appendedMs) });
    clicks.set(predictionId, those);
    clickEvents += 1;
  }
  const labels = new Map<string, SaidLabel>();
  let [labelsAgain, labelsContradicted] = [0, 0];
  for await (const { event } of bus.scan(topics.exampleLabelled)) {
    const { prediction, label, openedAtMs } = event;
    const key = rowKey(prediction?.model ?? '', prediction?.predictionId ?? '');
    const before = labels.get(key);
    if (before === undefined) labels.set(key, { label, openedAtMs });
    else {
      labelsAgain += 1;
      if (before.label !== label || before.openedAtMs !== openedAtMs) labelsContradicted += 1;
    }
  }
  const deadLetters = await countDeadLetters(bus);
  return { predictions, predictionsAgain, clicks, clickEvents, labels, labelsAgain, labelsContradicted, deadLetters };
}

async function countDeadLetters(bus: EventBus): Promise<Tally> {
  const deadLetters = new Tally();
  for (const { name, message } of Object.values(topics)) {
    const bytes: Topic<Uint8Array> = {
      name: deadLetterTopic(name),
      message,
      encode: (value) => value,
      decode: (value) => value,
    };
    for await (const { headers } of bus.scan(bytes))
      deadLetters.add(`${name}: ${headers['dead_letter_reason'] ?? 'without a reason'}`);
  }
  return deadLetters;
}
