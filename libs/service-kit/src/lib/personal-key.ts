import { createHmac, hash } from 'node:crypto';

/** Bytes of a key's secret. */
export const secretBytes = 32;
/** SHA-256 reads blocks of so many bytes. */
const blockBytes = 64;
const idDigits = 8;
const pseudonymDigits = 16;

/**
 * Turns values of personal columns into pseudonyms: who has no key can neither read one nor find the one of a value.
 *
 * A pseudonym is `<id>-<digits>`: the key's id, and the first 16 hex digits of HMAC-SHA-256 (RFC 2104) of the value's UTF-8 text, 64
 * bits. Of a hundred million people two have one pseudonym with a chance of 3 in 10,000. The id is told by the secret, 8 hex digits: no
 * two keys can be taken for each other, and every stored value says which key made it.
 */
export class PersonalKey {
  readonly id: string;
  readonly secret: Uint8Array;
  readonly #outer = Buffer.alloc(blockBytes + secretBytes, 0x5c);
  #inner = Buffer.alloc(1024, 0x36);

  /** Throws a `RangeError` for a secret that has not 32 bytes. */
  constructor(secret: Uint8Array) {
    if (secret.length !== secretBytes)
      throw new RangeError(`a personal key must have ${secretBytes} bytes, got ${secret.length}`);
    this.secret = secret;
    this.id = createHmac('sha256', secret).update('adstocrat personal key').digest('hex').slice(0, idDigits);
    for (const [at, byte] of secret.entries()) {
      this.#inner[at]! ^= byte;
      this.#outer[at]! ^= byte;
    }
  }

  /** A value's pseudonym. Twice a hash, since Node's `createHmac` takes eight times as long, and this stands in the way of every answer. */
  pseudonym(text: string): string {
    const end = blockBytes + Buffer.byteLength(text);
    if (end > this.#inner.length) this.#inner = Buffer.concat([this.#inner.subarray(0, blockBytes)], 2 * end);
    this.#inner.write(text, blockBytes);
    hash('sha256', this.#inner.subarray(0, end), 'buffer').copy(this.#outer, blockBytes);
    return `${this.id}-${hash('sha256', this.#outer, 'hex').slice(0, pseudonymDigits)}`;
  }
}
