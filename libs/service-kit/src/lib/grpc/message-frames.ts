import { ResourceExhausted, ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';

/** Bytes before each message: whether it is compressed, and its length. */
const prefixBytes = 5;
/** gRPC says the length of a message in 32 bits. */
const mostMessageBytes = 2 ** 32 - 1;

/** A message as it came. */
export interface Framed {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

/** Takes the messages out of a stream of bytes, wherever these are cut. It holds what came of a message that is not whole. */
export class MessageFrames {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #held = 0;
  /** Bytes of the message that is being read, prefix and all; of the prefix alone until that is there. */
  #wanted = prefixBytes;

  /** `maxBytes`: of a message. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a message has begun and not ended. */
  get isWithin(): boolean {
    return this.#held > 0;
  }

  /** The messages that are whole by these bytes. Throws `ServiceFailure` at the prefix of one that cannot be read, RESOURCE_EXHAUSTED where it is too long. */
  take(chunk: Buffer): readonly Framed[] {
    const messages: Framed[] = [];
    let rest = chunk;
    if (this.#held > 0) {
      this.#parts.push(chunk);
      this.#held += chunk.length;
      if (this.#held < this.#wanted) return messages;
      rest = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#held = 0;
    }
    let at = 0;
    while (rest.length - at >= prefixBytes) {
      const flag = rest[at] ?? 0;
      if (flag > 1) throw new ServiceFailure(statusCode.internal, `Received message with the unknown flag ${flag}`);
      const length = rest.readUInt32BE(at + 1);
      if (length > this.#maxBytes)
        throw new ResourceExhausted(`Received message larger than max (${length} vs. ${this.#maxBytes})`);
      const end = at + prefixBytes + length;
      if (end > rest.length) {
        this.#hold(rest.subarray(at), prefixBytes + length);
        return messages;
      }
      messages.push({ compressed: flag === 1, bytes: rest.subarray(at + prefixBytes, end) });
      at = end;
    }
    if (at < rest.length) this.#hold(rest.subarray(at), prefixBytes);
    return messages;
  }

  #hold(begun: Buffer, wanted: number): void {
    this.#parts.push(begun);
    this.#held = begun.length;
    this.#wanted = wanted;
  }
}

/** A message as it goes, uncompressed. Throws `ResourceExhausted` for one of 4 GiB or more. */
export function frameOf(message: Uint8Array): Buffer {
  const { length } = message;
  if (length > mostMessageBytes)
    throw new ResourceExhausted(
      `the answer takes ${length} bytes, and gRPC carries ${mostMessageBytes} in a message: ask for fewer rows or outputs`,
    );
  const frame = Buffer.allocUnsafe(prefixBytes + length);
  frame[0] = 0;
  frame.writeUInt32BE(length, 1);
  frame.set(message, prefixBytes);
  return frame;
}
