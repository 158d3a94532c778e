import { deadLetterTopic, type EventBus, type IncomingEvent, type Topic } from '@adstocrat/event-bus';

/** Dead letters of one topic, group and reason. */
export interface LetterSummary {
  readonly topic: string;
  readonly group: string;
  readonly reason: string;
  readonly count: number;
  /** When the first and the last were put aside, Unix milliseconds. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Id of the newest event among them. */
  readonly exampleId: string;
}

/** What a topic has of dead letters. */
export interface TopicLetters {
  readonly topic: string;
  /** Those that are kept, sent again or not. */
  readonly kept: number;
  /** Those that were not sent again. */
  readonly waiting: number;
  readonly reasons: readonly LetterSummary[];
}

/** Whose positions say what was sent again. */
export const replayGroup = 'replay';

/** Reasons that are told apart; a reason may name ids, and then every letter has its own. */
const mostReasons = 50;

/** Bytes as they are, on a topic and on its dead letters. */
export const bytesOf = ({ message }: Pick<Topic<unknown>, 'message'>, name: string): Topic<Uint8Array> => ({
  name,
  message,
  encode: (value) => value,
  decode: (value) => value,
});

/** Counts a topic's dead letters by reason, the most frequent first. Reads the log and moves no position. */
export async function summariseLetters(
  bus: EventBus,
  contract: Pick<Topic<unknown>, 'name' | 'message'>,
): Promise<TopicLetters> {
  const letters = deadLetterTopic(contract.name);
  const reasons = new Map<string, LetterSummary>();
  let kept = 0;
  for await (const letter of bus.scan(bytesOf(contract, letters))) {
    kept += 1;
    const one = summaryOf(contract.name, letter);
    const key = JSON.stringify([one.group, one.reason]);
    const other = reasons.size >= mostReasons && !reasons.has(key);
    const place = other ? JSON.stringify([one.group, 'other reasons']) : key;
    const before = reasons.get(place);
    reasons.set(place, {
      ...one,
      reason: other ? 'other reasons' : one.reason,
      count: (before?.count ?? 0) + 1,
      firstMs: Math.min(before?.firstMs ?? Infinity, one.firstMs),
      lastMs: Math.max(before?.lastMs ?? 0, one.lastMs),
    });
  }
  const waiting = kept === 0 ? 0 : await bus.lag(letters, replayGroup);
  return { topic: contract.name, kept, waiting, reasons: [...reasons.values()].sort((a, b) => b.count - a.count) };
}

function summaryOf(topic: string, { headers, id, appendedMs }: IncomingEvent<Uint8Array>): LetterSummary {
  return {
    topic,
    group: headers['dead_letter_group'] ?? 'unknown',
    reason: headers['dead_letter_reason'] ?? 'unknown',
    count: 1,
    firstMs: appendedMs,
    lastMs: appendedMs,
    exampleId: headers['dead_letter_id'] ?? id,
  };
}
