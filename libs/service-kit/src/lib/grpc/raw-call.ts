import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';

/** What came of a call. */
export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Of RST_STREAM; 0 without an error. */
  readonly resetCode: number;
}

/** A call as bytes, for specs: what stock clients would never send. */
export class RawCall {
  readonly stream: ClientHttp2Stream;
  readonly answer: Promise<RawAnswer>;

  constructor(session: ClientHttp2Session, path: string, headers: OutgoingHttpHeaders = {}) {
    const stream = session.request(
      { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers },
      { endStream: false },
    );
    this.stream = stream;
    let [got, trailers]: IncomingHttpHeaders[] = [{}, {}];
    const body: Buffer[] = [];
    stream.on('response', (answered) => (got = answered));
    stream.on('trailers', (sent) => (trailers = sent));
    stream.on('data', (bytes: Buffer) => body.push(bytes));
    stream.on('error', () => undefined);
    this.answer = new Promise((resolve) => {
      stream.once('close', () => {
        const trailing = trailers?.['grpc-status'] === undefined ? got : trailers;
        resolve({
          headers: got ?? {},
          trailers: trailing ?? {},
          body: Buffer.concat(body),
          resetCode: stream.rstCode ?? 0,
        });
      });
    });
  }

  /** Sends bytes and nothing more: what came of it. */
  async send(...chunks: readonly (string | Buffer)[]): Promise<RawAnswer> {
    for (const chunk of chunks) this.stream.write(typeof chunk === 'string' ? Buffer.from(chunk, 'hex') : chunk);
    this.stream.end();
    return this.answer;
  }
}
