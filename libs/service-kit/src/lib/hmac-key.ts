import { hash } from 'node:crypto';
import { secretBytes } from './key-list.ts';

/** SHA-256 reads blocks of so many bytes. */
const blockBytes = 64;

/** HMAC-SHA-256 (RFC 2104) with one key. Twice a hash, since Node's `createHmac` takes eight times as long, and this stands in the way of every answer. */
export class HmacKey {
  readonly #outer = Buffer.alloc(blockBytes + secretBytes, 0x5c);
  #inner = Buffer.alloc(1024, 0x36);

  /** Throws a `RangeError` for a secret that has not 32 bytes. */
  constructor(secret: Uint8Array) {
    if (secret.length !== secretBytes)
      throw new RangeError(`a key must have ${secretBytes} bytes, got ${secret.length}`);
    for (const [at, byte] of secret.entries()) {
      this.#inner[at]! ^= byte;
      this.#outer[at]! ^= byte;
    }
  }

  /** Of the text's UTF-8 bytes. */
  digest(text: string, encoding: 'hex' | 'base64url'): string {
    const end = blockBytes + Buffer.byteLength(text);
    if (end > this.#inner.length) this.#inner = Buffer.concat([this.#inner.subarray(0, blockBytes)], 2 * end);
    this.#inner.write(text, blockBytes);
    hash('sha256', this.#inner.subarray(0, end), 'buffer').copy(this.#outer, blockBytes);
    return hash('sha256', this.#outer, encoding);
  }
}
