import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { serving } from '@adstocrat/schemas';
import { ClientError } from './client-error.ts';
import { clientError, codes } from './grpc-errors.ts';
import { streamRequestOf } from './grpc-messages.ts';
import type { ScoredMany, Transport, TransportRequest } from './transport.ts';

type Call = ClientDuplexStream<serving.ScoreStreamRequest, serving.ScoreStreamResponse>;

interface Row {
  readonly resolve: (answer: ScoredMany) => void;
  readonly reject: (error: ClientError) => void;
}

/**
 * Rows by ScoreStream: one call, whose answers come in the order of the rows. Where the call fails, the rows in flight do, as what they
 * were told; UNAVAILABLE too where it was ended since one of them had waited for too long. The next row begins another.
 */
export class GrpcRowStream implements Omit<Transport, 'stream'> {
  readonly #begin: () => Call;
  #call: Call | undefined;
  /** Sent and not answered, the first first. */
  #rows: Row[] = [];

  constructor(begin: () => Call) {
    this.#begin = begin;
  }

  /** Of one row. */
  score(request: TransportRequest, _leftMs: number, signal: AbortSignal): Promise<ScoredMany> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        reject(new ClientError('DEADLINE_EXCEEDED', 'the row was not answered in time'));
        // Those that were answered in turn before it were in time: the call hangs, or the server is too slow for what is in flight.
        if (this.#rows.includes(row)) this.#fail(new ClientError('UNAVAILABLE', 'the stream did not go on'));
      };
      const ended = (): void => signal.removeEventListener('abort', end);
      const row: Row = {
        resolve: (answer) => {
          ended();
          resolve(answer);
        },
        reject: (error) => {
          ended();
          reject(error);
        },
      };
      signal.addEventListener('abort', end);
      this.#call ??= this.#follow(this.#begin());
      this.#rows.push(row);
      this.#call.write(streamRequestOf(request));
    });
  }

  /** What is in flight is answered no more. */
  close(): void {
    this.#fail(new ClientError('CANCELLED', 'the stream was closed'));
  }

  #follow(call: Call): Call {
    call.on('data', ({ answer, failure }: serving.ScoreStreamResponse) => {
      if (call !== this.#call) return;
      const row = this.#rows.shift();
      if (failure !== undefined) row?.reject(new ClientError(codes[failure.code] ?? 'INTERNAL', failure.message));
      else if (answer === undefined) row?.reject(new ClientError('INTERNAL', 'the server answered nothing'));
      else row?.resolve(answerOf(answer));
    });
    call.on('error', (error: ServiceError) => {
      if (call === this.#call) this.#fail(clientError(error));
    });
    call.on('end', () => {
      if (call === this.#call) this.#fail(new ClientError('UNAVAILABLE', 'the server ended the stream'));
    });
    return call;
  }

  #fail(error: ClientError): void {
    const [call, rows] = [this.#call, this.#rows];
    [this.#call, this.#rows] = [undefined, []];
    call?.cancel();
    for (const { reject } of rows) reject(error);
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
