import type { Topic } from '@adstocrat/event-bus';
import { events, topics } from '@adstocrat/schemas';
import { nameProblem, refuse, timeProblem } from './checked.ts';

/** A scored row as feedback keeps it. */
export interface KnownPrediction {
  readonly predictionId: string;
  readonly model: string;
  readonly version: number;
  /** In [0, 1]. */
  readonly score: number;
  readonly servedMs: number;
  /** The whole PredictionMade, as it came. */
  readonly bytes: Uint8Array;
}

/** Most bytes of a prediction: its label must fit into one event of the bus too. */
const maxBytes = 800_000;

/** `prediction.made`, checked. What is wrong with an event is found while it is decoded, so that it alone is put aside. */
export const predictions: Topic<KnownPrediction> = {
  name: topics.predictionMade.name,
  message: topics.predictionMade.message,
  encode: ({ bytes }) => bytes,
  decode: (bytes) => {
    const { predictionId, model, version, score, servedAtMs } = events.PredictionMade.decode(bytes);
    refuse('prediction_id', nameProblem(predictionId));
    refuse('model', nameProblem(model));
    refuse('served_at_ms', timeProblem(servedAtMs));
    refuse('version', Number.isSafeInteger(version) && version >= 0 ? undefined : `must be >= 0, got ${version}`);
    refuse('score', score >= 0 && score <= 1 ? undefined : `must lie in [0, 1], got ${score}`);
    refuse('the event', bytes.length <= maxBytes ? undefined : `has ${bytes.length} bytes, at most ${maxBytes} fit`);
    return { predictionId, model, version, score, servedMs: servedAtMs, bytes };
  },
};

/** What a person did, as it is said on the bus. */
export interface SaidFact {
  readonly predictionId: string;
  /** By the client's clock; 0 where it is not known. */
  readonly eventTimeMs: number;
  /** Empty: every model that scored the id. */
  readonly model: string;
}

/** The topics of facts, checked, by the kind of fact. */
export const facts = {
  click: checked(topics.clickSeen),
  impression: checked(topics.impressionSeen),
  conversion: checked(topics.conversionSeen),
} as const;

export type FactKind = keyof typeof facts;

function checked(topic: Topic<SaidFact>): Topic<SaidFact> {
  return {
    ...topic,
    decode: (bytes) => {
      const fact = topic.decode(bytes);
      refuse('prediction_id', nameProblem(fact.predictionId));
      if (fact.model !== '') refuse('model', nameProblem(fact.model));
      refuse('event_time_ms', timeProblem(fact.eventTimeMs));
      return fact;
    },
  };
}
