import { ClientError } from './client-error.ts';
import { post } from './http-call.ts';
import { inOrder } from './in-order.ts';
import { newId } from './new-id.ts';
import { Retrying, type RetryOptions } from './retrying.ts';
import { Rotation } from './rotation.ts';
import type { Features, Scored, ScoredMany, Transport } from './transport.ts';

export interface ClickClientOptions {
  /** The model that is asked. */
  readonly model: string;
  /** How: `overFetch({ addresses })`, in Node also `overGrpc({ addresses })`. */
  readonly transport: Transport;
  /** Of feedback's REST, `http://host:8502`, one or more; without them nothing can be said of what people did. */
  readonly feedback?: readonly string[];
  /** Milliseconds that a call may take, its attempts together. Default 2000. */
  readonly deadlineMs?: number;
  readonly retries?: RetryOptions;
}

export interface CallOptions {
  /** Default: the client's. */
  readonly deadlineMs?: number;
  /** Ends the call. */
  readonly signal?: AbortSignal;
}

export interface ScoreOptions extends CallOptions {
  /** The version that is to answer; without it or a label the split in force decides. */
  readonly version?: number;
  readonly label?: string;
  /** True where nobody is shown the ad: the row is no training data, and no click can be said of it. */
  readonly unlogged?: boolean;
  /** True asks for a signed token a row, with which a page that nobody trusts can say what became of it. At most 1000 rows. */
  readonly tokens?: boolean;
}

export interface RowOptions extends ScoreOptions {
  /** Unique, 1 to 256 bytes of printable UTF-8. Default: a new UUID, so that an attempt that is repeated is one row. */
  readonly predictionId?: string;
}

export interface StreamOptions extends ScoreOptions {
  /** Rows that are asked for at once, at most. Default 16. */
  readonly inFlight?: number;
  /** True sends the rows by one call of gRPC, ScoreStream, whose server answers one after the other: less work a row, and no balancing. */
  readonly oneCall?: boolean;
}

/** A row, under an id of the caller's or a new one. */
export interface StreamRow {
  readonly features: Features;
  readonly predictionId?: string;
}

/** Which prediction: its id, for who is trusted, or the token that its answer carried. */
export type Prediction = string | { readonly token: string };

export interface FactOptions extends CallOptions {
  /** When it happened, Unix milliseconds. Default: now. Nothing to be said with a token: it is when feedback hears of it. */
  readonly eventTimeMs?: number;
}

const usualDeadlineMs = 2000;
const usualInFlight = 16;

/** Asks for probabilities of clicks, and says what people did. All methods throw {@link ClientError}. */
export class ClickClient {
  readonly #model: string;
  readonly #transport: Transport;
  readonly #feedback: Rotation | undefined;
  readonly #deadlineMs: number;
  readonly #retrying: Retrying;

  constructor({ model, transport, feedback, deadlineMs = usualDeadlineMs, retries }: ClickClientOptions) {
    this.#model = model;
    this.#transport = transport;
    this.#feedback = feedback === undefined ? undefined : new Rotation(feedback.map((url) => url.replace(/\/+$/, '')));
    this.#deadlineMs = deadlineMs;
    this.#retrying = new Retrying(retries);
  }

  /** The probability of a click, of one row. */
  async score(features: Features, { predictionId, ...options }: RowOptions = {}): Promise<Scored> {
    const row = predictionId === undefined ? { features } : { features, predictionId };
    return firstOf(await this.scoreMany([row], options));
  }

  /**
   * Of rows as they come, an answer or a failure for each, in their order, as soon as it is there. Each row is a call of its own, or with
   * `oneCall` a message of one; either has its deadline and its attempts. No more rows are taken than can be asked for; who leaves the
   * loop ends the calls. Throws INVALID_ARGUMENT where the transport has no such call.
   */
  async *scoreStream(
    rows: AsyncIterable<StreamRow> | Iterable<StreamRow>,
    { inFlight = usualInFlight, oneCall = false, signal, ...options }: StreamOptions = {},
  ): AsyncGenerator<Scored | ClientError> {
    const transport = oneCall ? this.#transport.stream?.() : this.#transport;
    if (transport === undefined)
      throw new ClientError('INVALID_ARGUMENT', 'oneCall needs gRPC: this transport has a call for each row');
    const ask = async ({ features, predictionId }: StreamRow, left: AbortSignal): Promise<Scored | ClientError> => {
      const until = signal === undefined ? left : AbortSignal.any([signal, left]);
      const row = predictionId === undefined ? { features } : { features, predictionId };
      try {
        return firstOf(await this.#score(transport, [row], { ...options, signal: until }));
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        return error;
      }
    };
    try {
      yield* inOrder(rows, inFlight, ask);
    } finally {
      if (oneCall) transport.close();
    }
  }

  /** Of many rows, all by one version: all are answered, or none. */
  scoreMany(rows: readonly StreamRow[], options: ScoreOptions = {}): Promise<ScoredMany> {
    return this.#score(this.#transport, rows, options);
  }

  #score(
    transport: Pick<Transport, 'score'>,
    rows: readonly StreamRow[],
    { version, label, unlogged = false, tokens = false, deadlineMs = this.#deadlineMs, signal }: ScoreOptions,
  ): Promise<ScoredMany> {
    const request = {
      model: this.#model,
      version,
      label,
      unlogged,
      tokens,
      rows: rows.map(({ features, predictionId }) => ({ features, predictionId: predictionId ?? newId() })),
    };
    return this.#retrying.run(deadlineMs, signal, (leftMs, ended) => transport.score(request, leftMs, ended));
  }

  /** The ad of a prediction was shown. */
  shown(prediction: Prediction, options: FactOptions = {}): Promise<void> {
    return this.#say('impressions', prediction, options);
  }

  /** It was clicked. However often that is said, the prediction has one label. */
  clicked(prediction: Prediction, options: FactOptions = {}): Promise<void> {
    return this.#say('clicks', prediction, options);
  }

  /** The person did what the ad is for. */
  converted(prediction: Prediction, options: FactOptions = {}): Promise<void> {
    return this.#say('conversions', prediction, options);
  }

  /** Ends connections. */
  close(): void {
    this.#transport.close();
  }

  async #say(
    what: 'impressions' | 'clicks' | 'conversions',
    prediction: Prediction,
    { eventTimeMs, deadlineMs = this.#deadlineMs, signal }: FactOptions,
  ): Promise<void> {
    const feedback = this.#feedback;
    if (feedback === undefined)
      throw new ClientError('INVALID_ARGUMENT', 'the client was given no address of feedback');
    if (typeof prediction !== 'string' && eventTimeMs !== undefined)
      throw new ClientError(
        'INVALID_ARGUMENT',
        'eventTimeMs cannot be said with a token: it is when feedback hears of it',
      );
    // An id of its own: an attempt that is repeated says the same fact.
    const [path, fact] =
      typeof prediction === 'string'
        ? [`/v1/${what}`, { predictionId: prediction, model: this.#model, id: newId(), eventTimeMs }]
        : [`/v1/signed/${what}`, { token: prediction.token }];
    const body = JSON.stringify(fact);
    await this.#retrying.run(deadlineMs, signal, (_leftMs, ended) => post(feedback, path, body, {}, ended));
  }
}

function firstOf({ version, scores: [score = NaN], predictionIds, tokens }: ScoredMany): Scored {
  return { version, score, predictionId: predictionIds[0] ?? '', token: tokens[0] ?? '' };
}
