import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a certificate and its key, PEM. */
export interface IssuedFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of its own: for specs, which must not depend on what programs a machine has. */
export class TestAuthority {
  /** PEM file of its own certificate. */
  readonly ca: string;
  readonly #folder: string;
  readonly #name: string;
  readonly #key: KeyObject;

  /** Writes its certificate into the folder. */
  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
    const { publicKey, privateKey } = newKeys();
    this.#key = privateKey;
    this.ca = join(folder, `${name}.ca.pem`);
    writeFileSync(this.ca, this.#certificate(name, publicKey, [basicConstraints]));
  }

  /** A certificate for localhost and 127.0.0.1, and as `name`'s where a client shows it. */
  issue(name: string): IssuedFiles {
    const { publicKey, privateKey } = newKeys();
    const files = { cert: join(this.#folder, `${name}.pem`), key: join(this.#folder, `${name}.key`) };
    writeFileSync(files.cert, this.#certificate(name, publicKey, [alternativeNames]));
    writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    return files;
  }

  /** RFC 5280, section 4.1. */
  #certificate(subject: string, key: KeyObject, extensions: readonly Buffer[]): string {
    const year = new Date().getUTCFullYear();
    const body = sequence(
      tagged(0xa0, integer(Buffer.of(2))),
      integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
      ecdsaWithSha256,
      nameOf(this.#name),
      sequence(generalizedTime(`${year - 1}0101000000Z`), generalizedTime(`${year + 2}0101000000Z`)),
      nameOf(subject),
      key.export({ type: 'spki', format: 'der' }),
      tagged(0xa3, sequence(...extensions)),
    );
    const signature = sign('sha256', body, this.#key);
    const der = sequence(body, ecdsaWithSha256, tagged(0x03, Buffer.of(0), signature));
    const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  }
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** ASN.1's tag, length and value, in DER. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const length =
    value.length < 128
      ? Buffer.of(value.length)
      : value.length < 256
        ? Buffer.of(0x81, value.length)
        : Buffer.of(0x82, value.length >> 8, value.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, value]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts);
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const generalizedTime = (text: string): Buffer => tagged(0x18, Buffer.from(text));
const octets = (...parts: readonly Buffer[]): Buffer => tagged(0x04, ...parts);
const objectId = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));
/** One attribute: the common name, 2.5.4.3. */
const nameOf = (name: string): Buffer =>
  sequence(tagged(0x31, sequence(objectId('550403'), tagged(0x0c, Buffer.from(name)))));

/** 1.2.840.10045.4.3.2 */
const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
/** 2.5.29.19, critical: a certificate authority. */
const basicConstraints = sequence(
  objectId('551d13'),
  tagged(0x01, Buffer.of(0xff)),
  octets(sequence(tagged(0x01, Buffer.of(0xff)))),
);
/** 2.5.29.17: the names of this machine. */
const alternativeNames = sequence(
  objectId('551d11'),
  octets(sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.of(127, 0, 0, 1)))),
);
