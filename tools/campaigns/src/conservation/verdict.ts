import { atMost, type Bar, exactly } from '../campaign-report.ts';
import { type BusRecord, rowKey } from './bus-record.ts';
import type { Joined } from './joined.ts';
import { type LabelRule, referenceLabel } from './reference.ts';
import type { AcceptedClick, AnsweredRequest, SentLog } from './sent-log.ts';

export interface Evidence {
  readonly bus: 'postgres' | 'kafka';
  readonly answered: SentLog<AnsweredRequest>;
  readonly accepted: SentLog<AcceptedClick>;
  readonly record: BusRecord;
  readonly joined: Joined;
  /** Labelled rows in the live spans. */
  readonly liveRows: number;
  readonly rule: LabelRule;
}

export interface Verdict {
  readonly figures: Readonly<Record<string, number>>;
  readonly bars: readonly Bar[];
  /** Rows that are not as they must be, a few of each kind, for people. */
  readonly examples: readonly string[];
}

const examplesOfAKind = 5;

/** Holds what was answered and accepted against what lies on the bus, row by row. */
export async function verdict({ bus, answered, accepted, record, joined, liveRows, rule }: Evidence): Promise<Verdict> {
  const faults = new Faults();
  const answeredKeys = new Set<string>();
  let rowsOfFailedAttempts = 0;
  for await (const { model, ids, idsBy, failedAttempts } of answered.entries()) {
    // Of ids that the server made, the rows of an attempt that failed are in the log under ids nobody knows.
    if (idsBy === 'server') rowsOfFailedAttempts += failedAttempts * ids.length;
    for (const id of ids) {
      const key = rowKey(model, id);
      if (answeredKeys.has(key)) faults.add('answeredTwice', key);
      answeredKeys.add(key);
      if (!record.predictions.has(key)) faults.add('answeredNotLogged', key);
    }
  }
  let loggedNotAnswered = 0;
  for (const key of record.predictions.keys()) if (!answeredKeys.has(key)) loggedNotAnswered += 1;
  let clicksAccepted = 0;
  for await (const { kind, predictionId, model, eventTimeMs, copies } of accepted.entries()) {
    clicksAccepted += copies;
    // The same click sent twice may be one on the bus.
    const there = record.clicks
      .get(predictionId)
      ?.some((click) => click.model === model && click.eventTimeMs === eventTimeMs);
    if (there !== true) faults.add('clicksLost', `${kind}, ${copies} sent: ${predictionId}`);
  }
  let [referencePositives, positives] = [0, 0];
  for (const [key, prediction] of record.predictions) {
    const wanted = referenceLabel(prediction, record.clicks.get(prediction.predictionId) ?? [], rule);
    if (wanted) referencePositives += 1;
    const said = record.labels.get(key);
    if (said === undefined) faults.add('loggedNotLabelled', key);
    else if (said.label !== wanted) faults.add(wanted ? 'positivesMissed' : 'positivesInvented', key);
    else if (said.openedAtMs !== prediction.servedAtMs) faults.add('openedAtAnotherTime', key);
  }
  for (const [key, { label }] of record.labels) {
    if (label) positives += 1;
    if (!record.predictions.has(key)) faults.add('labelledNotLogged', key);
  }
  const logged = record.predictions.size;
  const labelled = record.labels.size;
  return {
    figures: {
      answered: answeredKeys.size,
      logged,
      loggedNotAnswered,
      loggedAgain: record.predictionsAgain,
      joined: joined.predictions,
      labelled,
      liveRows,
      labelledAgain: record.labelsAgain,
      positives,
      referencePositives,
      clicksAccepted,
      clickEvents: record.clickEvents,
    },
    bars: [
      exactly('answeredTwice', faults.of('answeredTwice'), 0),
      exactly('answeredNotLogged', faults.of('answeredNotLogged'), 0),
      atMost('loggedNotAnswered', loggedNotAnswered, rowsOfFailedAttempts),
      exactly('joined', joined.predictions, logged),
      exactly('joinedLabelled', joined.labelled, logged),
      exactly('joinedClicks', joined.clicks, referencePositives),
      exactly('labelled', labelled, logged),
      exactly('liveRows', liveRows, logged),
      exactly('loggedNotLabelled', faults.of('loggedNotLabelled'), 0),
      exactly('labelledNotLogged', faults.of('labelledNotLogged'), 0),
      exactly('openedAtAnotherTime', faults.of('openedAtAnotherTime'), 0),
      exactly('positives', positives, referencePositives),
      exactly('positivesMissed', faults.of('positivesMissed'), 0),
      exactly('positivesInvented', faults.of('positivesInvented'), 0),
      exactly('labelsContradicted', record.labelsContradicted, 0),
      exactly('clicksLost', faults.of('clicksLost'), 0),
      exactly('deadLetters', record.deadLetters.sum, 0),
      // PostgreSQL's log takes an id once; Kafka takes what is published again, and each consumer drops it.
      ...(bus === 'postgres'
        ? [
            exactly('loggedAgain', record.predictionsAgain + record.labelsAgain, 0),
            exactly('clicksTaken', joined.clicksTaken, record.clickEvents),
          ]
        : []),
    ],
    examples: [
      ...faults.examples,
      ...(record.deadLetters.sum > 0 ? [`dead letters: ${record.deadLetters.toString()}`] : []),
    ],
  };
}

/** Counts of what is wrong, with the first few of each. */
class Faults {
  readonly #counts = new Map<string, number>();
  readonly examples: string[] = [];

  add(kind: string, what: string): void {
    const count = this.of(kind) + 1;
    this.#counts.set(kind, count);
    if (count <= examplesOfAKind) this.examples.push(`${kind}: ${what.replace('\n', ' ')}`);
  }

  of(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }
}
