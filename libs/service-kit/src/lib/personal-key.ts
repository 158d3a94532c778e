import { HmacKey } from './hmac-key.ts';

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
  readonly #mac: HmacKey;

  /** Throws a `RangeError` for a secret that has not 32 bytes. */
  constructor(secret: Uint8Array) {
    this.secret = secret;
    this.#mac = new HmacKey(secret);
    this.id = this.#mac.digest('adstocrat personal key', 'hex').slice(0, idDigits);
  }

  pseudonym(text: string): string {
    return `${this.id}-${this.#mac.digest(text, 'hex').slice(0, pseudonymDigits)}`;
  }
}
