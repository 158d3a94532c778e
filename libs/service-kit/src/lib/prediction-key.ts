import { timingSafeEqual } from 'node:crypto';
import { HmacKey } from './hmac-key.ts';

const idDigits = 8;

/** Signs JSON as a JWS in compact form (RFC 7515) with HS256, its key named in the header. Nothing but its own header is accepted. */
export class PredictionKey {
  readonly id: string;
  /** As it begins every token of this key. */
  readonly header: string;
  readonly #mac: HmacKey;

  /** Throws a `RangeError` for a secret that has not 32 bytes. */
  constructor(secret: Uint8Array) {
    this.#mac = new HmacKey(secret);
    this.id = this.#mac.digest('adstocrat prediction key', 'hex').slice(0, idDigits);
    this.header = encoded({ alg: 'HS256', kid: this.id });
  }

  sign(claims: object): string {
    const signed = `${this.header}.${encoded(claims)}`;
    return `${signed}.${this.#mac.digest(signed, 'base64url')}`;
  }

  /** Whether the signature is this key's, compared as it is written and in constant time: a text has one signature. */
  signed(payload: string, signature: string): boolean {
    const expected = Buffer.from(this.#mac.digest(`${this.header}.${payload}`, 'base64url'));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
