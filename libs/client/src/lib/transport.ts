/** A value of a raw column. Undefined, null and NaN are missing. A bigint keeps all 64 bits. Bytes are an encoded image, under `image_bytes`. */
export type FeatureValue = string | number | bigint | boolean | Uint8Array | null | undefined;

/** Raw columns of the model by name. One that is left out is missing; one that the model does not know is refused. */
export type Features = Readonly<Record<string, FeatureValue>>;

/** One row's answer. */
export interface Scored {
  readonly version: number;
  /** Calibrated probability of a click, in [0, 1], a float32. */
  readonly score: number;
  /** What clicks are joined with; empty where the row is not logged. */
  readonly predictionId: string;
  /** The same, signed, for who is not trusted; empty where it was not asked for. */
  readonly token: string;
}

/** Many rows' answer, by one version, in their order. */
export interface ScoredMany {
  readonly version: number;
  readonly scores: readonly number[];
  /** None where the rows are not logged. */
  readonly predictionIds: readonly string[];
  /** None where they were not asked for. */
  readonly tokens: readonly string[];
}

/** What is asked of a server. */
export interface TransportRequest {
  readonly model: string;
  readonly version: number | undefined;
  readonly label: string | undefined;
  readonly rows: readonly { readonly features: Features; readonly predictionId: string }[];
  readonly unlogged: boolean;
  readonly tokens: boolean;
}

/** One attempt at an answer. */
export interface Transport {
  /** Throws `ClientError` for what the server said, or because none could be reached; stops where the signal aborts. */
  score(request: TransportRequest, deadlineMs: number, signal: AbortSignal): Promise<ScoredMany>;
  /** Rows by one call, which begins with the first, and anew after it has failed. Absent where there is no such call. */
  stream?(): Omit<Transport, 'stream'>;
  close(): void;
}
