import { ClientError } from './client-error.ts';
import { post } from './http-call.ts';
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
}

export interface RowOptions extends ScoreOptions {
  /** Unique, 1 to 256 bytes of printable UTF-8. Default: a new UUID, so that an attempt that is repeated is one row. */
  readonly predictionId?: string;
}

export interface FactOptions extends CallOptions {
  /** When it happened, Unix milliseconds. Default: now. */
  readonly eventTimeMs?: number;
}

const usualDeadlineMs = 2000;

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
    const { version, scores, predictionIds } = await this.scoreMany([row], options);
    return { version, score: scores[0] ?? NaN, predictionId: predictionIds[0] ?? '' };
  }

  /** Of many rows, all by one version: all are answered, or none. */
  scoreMany(
    rows: readonly { readonly features: Features; readonly predictionId?: string }[],
    { version, label, unlogged = false, deadlineMs = this.#deadlineMs, signal }: ScoreOptions = {},
  ): Promise<ScoredMany> {
    const request = {
      model: this.#model,
      version,
      label,
      unlogged,
      rows: rows.map(({ features, predictionId }) => ({ features, predictionId: predictionId ?? newId() })),
    };
    return this.#retrying.run(deadlineMs, signal, (leftMs, ended) => this.#transport.score(request, leftMs, ended));
  }

  /** The ad of a prediction was shown. */
  shown(predictionId: string, options: FactOptions = {}): Promise<void> {
    return this.#say('impressions', predictionId, options);
  }

  /** It was clicked. However often that is said, the prediction has one label. */
  clicked(predictionId: string, options: FactOptions = {}): Promise<void> {
    return this.#say('clicks', predictionId, options);
  }

  /** The person did what the ad is for. */
  converted(predictionId: string, options: FactOptions = {}): Promise<void> {
    return this.#say('conversions', predictionId, options);
  }

  /** Ends connections. */
  close(): void {
    this.#transport.close();
  }

  async #say(
    what: 'impressions' | 'clicks' | 'conversions',
    predictionId: string,
    { eventTimeMs, deadlineMs = this.#deadlineMs, signal }: FactOptions,
  ): Promise<void> {
    const feedback = this.#feedback;
    if (feedback === undefined)
      throw new ClientError('INVALID_ARGUMENT', 'the client was given no address of feedback');
    // An id of its own: an attempt that is repeated says the same fact.
    const fact = { predictionId, model: this.#model, id: newId(), eventTimeMs };
    const body = JSON.stringify(fact);
    await this.#retrying.run(deadlineMs, signal, (_leftMs, ended) => post(feedback, `/v1/${what}`, body, {}, ended));
  }
}
