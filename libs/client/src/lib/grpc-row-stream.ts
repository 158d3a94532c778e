import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { serving } from '@adstocrat/schemas';
import { ClientError } from './client-error.ts';
import { clientError, codes } from './grpc-errors.ts';
import { streamRequestOf } from './grpc-messages.ts';
import type { ScoredMany, Transport, TransportRequest } from './transport.ts';

/** Of encoded requests. */
type Call = ClientDuplexStream<Buffer, serving.ScoreStreamResponse>;

interface Row {
  readonly bytes: Buffer;
  /** Until when an answer is waited for, and when it was sent last, by `performance.now()`. */
  readonly endMs: number;
  sentMs: number;
  /** Whether nobody waits for it any more. */
  over: boolean;
  readonly resolve: (answer: ScoredMany) => void;
  readonly reject: (error: ClientError) => void;
}

/** What the newest interval between two answers weighs in their mean. */
const newestShare = 0.2;

/**
 * Rows by ScoreStream: one call, whose answers come in the order of the rows. Where the call fails, the rows in flight do, as what they
 * were told, and the next row begins another. A row that is not answered in time fails alone: its answer is thrown away when it comes.
 * Where none came while it waited, the call hangs, and the other rows are sent again by another. No row is sent behind so many that, as fast
 * as answers come, its own would be late: it waits here, until it can be sent or its time is over.
 */
export class GrpcRowStream implements Omit<Transport, 'stream'> {
  readonly #begin: () => Call;
  #call: Call | undefined;
  /** Sent and not answered, the first first, and those among them that nobody waits for. */
  #sent: Row[] = [];
  /** Not sent. */
  #held: Row[] = [];
  #answers = 0;
  #answeredMs = 0;
  /** Mean milliseconds between two answers while rows wait; 0 before the first. */
  #paceMs = 0;

  constructor(begin: () => Call) {
    this.#begin = begin;
  }

  /** Of one row. INVALID_ARGUMENT for one that cannot be encoded. */
  score(request: TransportRequest, leftMs: number, signal: AbortSignal): Promise<ScoredMany> {
    const bytes = encoded(request);
    if (bytes instanceof ClientError) return Promise.reject(bytes);
    const answersBefore = this.#answers;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        row.reject(new ClientError('DEADLINE_EXCEEDED', 'the row was not answered in time'));
        this.#held = this.#held.filter((one) => one !== row);
        if (this.#sent.includes(row) && this.#answers === answersBefore) this.#beginAgain();
      };
      const finish = (): void => {
        row.over = true;
        signal.removeEventListener('abort', end);
      };
      const row: Row = {
        bytes,
        endMs: performance.now() + leftMs,
        sentMs: 0,
        over: false,
        resolve: (answer) => {
          finish();
          resolve(answer);
        },
        reject: (error) => {
          finish();
          reject(error);
        },
      };
      signal.addEventListener('abort', end);
      this.#held.push(row);
      this.#send();
    });
  }

  /** What is in flight is answered no more. */
  close(): void {
    this.#fail(new ClientError('CANCELLED', 'the stream was closed'));
  }

  /** Sends what is held and can be answered in time, and one in any case where nothing else tells how fast answers come. */
  #send(): void {
    const held = this.#held;
    this.#held = [];
    for (const row of held) {
      row.sentMs = performance.now();
      const inTime = row.sentMs + this.#paceMs * (this.#sent.length + 1) <= row.endMs;
      if (this.#sent.length > 0 && !inTime) {
        this.#held.push(row);
        continue;
      }
      this.#call ??= this.#follow(this.#begin());
      this.#sent.push(row);
      this.#call.write(row.bytes);
    }
  }

  #follow(call: Call): Call {
    call.on('data', ({ answer, failure }: serving.ScoreStreamResponse) => {
      if (call !== this.#call) return;
      const row = this.#sent.shift();
      if (row !== undefined) this.#measure(row);
      if (failure !== undefined) row?.reject(new ClientError(codes[failure.code] ?? 'INTERNAL', failure.message));
      else if (answer === undefined) row?.reject(new ClientError('INTERNAL', 'the server answered nothing'));
      else row?.resolve(answerOf(answer));
      this.#send();
    });
    call.on('error', (error: ServiceError) => {
      if (call === this.#call) this.#fail(clientError(error));
    });
    call.on('end', () => {
      if (call === this.#call) this.#fail(new ClientError('UNAVAILABLE', 'the server ended the stream'));
    });
    return call;
  }

  #measure({ sentMs }: Row): void {
    const nowMs = performance.now();
    const tookMs = nowMs - Math.max(this.#answeredMs, sentMs);
    this.#paceMs = this.#answers === 0 ? tookMs : this.#paceMs + newestShare * (tookMs - this.#paceMs);
    this.#answeredMs = nowMs;
    this.#answers += 1;
  }

  /** Ends the call; what is waited for is sent by another. */
  #beginAgain(): void {
    const call = this.#call;
    this.#call = undefined;
    this.#held.unshift(...this.#sent.filter(({ over }) => !over));
    this.#sent = [];
    call?.cancel();
    // Others whose time is over in this moment are not to be sent.
    setImmediate(() => this.#send());
  }

  #fail(error: ClientError): void {
    const [call, rows] = [this.#call, [...this.#sent, ...this.#held]];
    [this.#call, this.#sent, this.#held] = [undefined, [], []];
    call?.cancel();
    for (const { reject } of rows) reject(error);
  }
}

function encoded(request: TransportRequest): Buffer | ClientError {
  try {
    return serving.ClickServiceService.scoreStream.requestSerialize(streamRequestOf(request));
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return new ClientError('INVALID_ARGUMENT', `the row cannot be encoded: ${what}`, { cause: error });
  }
}

function answerOf({ version, score, predictionId, token }: serving.ScoreResponse): ScoredMany {
  return {
    version: Number(version),
    scores: [score],
    predictionIds: predictionId === '' ? [] : [predictionId],
    tokens: token === '' ? [] : [token],
  };
}
