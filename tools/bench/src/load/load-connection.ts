/** What became of a request. */
export interface Outcome {
  /** Answered with a message, or with status 200. */
  readonly ok: boolean;
  /** The answer's: what came first of it; of a gRPC answer its message, where it is in one frame. Empty for none. */
  readonly message: Uint8Array;
  /** From when it was given to the connection, milliseconds. */
  readonly ms: number;
}

/** A connection that makes requests of bytes that are ready: it costs little beside the servers that it asks, and the same for each. */
export interface LoadConnection {
  /** Requests that it takes at once. */
  readonly width: number;
  send(body: Uint8Array, done: (outcome: Outcome) => void): void;
  close(): void;
}
