import type { Random } from '@adstocrat/adworld';

/** A click that is to be sent. Times are system time, Unix milliseconds. */
export interface PlannedClick {
  readonly kind: ClickKind;
  readonly predictionId: string;
  /** Empty: every model that scored the id. */
  readonly model: string;
  /** What the page says of when it was; 0: it does not say. */
  readonly eventTimeMs: number;
  /** When it is sent. */
  readonly dueMs: number;
  /** How often the same is sent. */
  readonly copies: number;
}

/** What a click is meant to be. What it turned out to be is read from the bus: a busy machine sends late. */
export type ClickKind = keyof typeof weights | 'before';

/** How often each kind is drawn, in hundredths. */
const weights = {
  inside: 38,
  'at once': 8,
  'in the grace': 5,
  'too late': 5,
  'after the window': 4,
  duplicate: 9,
  'other model': 5,
  'no time': 5,
  'a year old': 4,
  'far future': 5,
  'slightly ahead': 4,
  unknown: 4,
  'wrong, then true': 4,
} as const;

export interface ClickedRow {
  readonly predictionId: string;
  readonly model: string;
  /** The campaign's other model, which did not score the id, or did. */
  readonly otherModel: string;
  readonly bothModels: boolean;
  /** When its answer came. */
  readonly answeredMs: number;
}

export interface ClickTimes {
  readonly windowMs: number;
  readonly graceMs: number;
  /** More than the answer's way, and than a busy machine's lateness. */
  readonly marginMs: number;
}

const yearMs = 365 * 24 * 3_600_000;
const farFutureMs = Date.UTC(2099, 0, 1);

/** The clicks of a row that is clicked, of a kind drawn at random. */
export function clicksOf(row: ClickedRow, times: ClickTimes, random: Random): readonly PlannedClick[] {
  const { windowMs, graceMs, marginMs } = times;
  const { predictionId, answeredMs } = row;
  const kind = drawn(random);
  const insideMs = answeredMs + Math.floor(random.uniform() * 0.8 * windowMs);
  // Where both models scored the id, a click that names none is both models'.
  const model = random.below(row.bothModels ? 3 : 2) === 0 ? row.model : '';
  const click: PlannedClick = {
    kind,
    predictionId,
    model,
    eventTimeMs: insideMs,
    dueMs: insideMs,
    copies: 1,
  };
  switch (kind) {
    case 'inside':
      return [click];
    case 'at once':
      return [{ ...click, eventTimeMs: answeredMs, dueMs: answeredMs }];
    case 'in the grace':
      return [{ ...click, dueMs: answeredMs + windowMs + Math.floor(graceMs / 2) }];
    case 'too late':
      return [{ ...click, dueMs: answeredMs + windowMs + graceMs + marginMs }];
    case 'after the window': {
      const afterMs = answeredMs + windowMs + Math.floor(graceMs / 4);
      return [{ ...click, eventTimeMs: afterMs, dueMs: afterMs }];
    }
    case 'duplicate':
      return [{ ...click, copies: 2 + random.below(49) }];
    case 'other model':
      return [{ ...click, model: row.otherModel }];
    case 'no time':
      return [{ ...click, eventTimeMs: 0 }];
    case 'a year old':
      return [{ ...click, eventTimeMs: insideMs - yearMs }];
    case 'far future':
      return [{ ...click, eventTimeMs: farFutureMs }];
    case 'slightly ahead':
      return [{ ...click, eventTimeMs: insideMs + marginMs }];
    case 'unknown':
      return [{ ...click, predictionId: `${predictionId}?` }];
    case 'wrong, then true': {
      const wrong = { ...click, eventTimeMs: insideMs - yearMs };
      return [wrong, { ...click, dueMs: insideMs + Math.floor(0.1 * windowMs) }];
    }
  }
}

/** A click that is sent before its prediction is asked for: it can't have been of it. */
export function clickBefore(predictionId: string, nowMs: number): PlannedClick {
  return { kind: 'before', predictionId, model: '', eventTimeMs: nowMs, dueMs: nowMs, copies: 1 };
}

function drawn(random: Random): keyof typeof weights {
  let left = random.below(100);
  for (const [kind, weight] of Object.entries(weights)) {
    left -= weight;
    if (left < 0) return kind as keyof typeof weights;
  }
  return 'inside';
}
