import { expect, it } from 'vitest';
import { fingerprint64 } from './fingerprint-64.ts';

// The published algorithm in whole numbers of any length, `farmhashna::Hash64` of FarmHash 1.1; fingerprint-64.spec.ts has TensorFlow's own
// answers to some texts.
const [k0, k1, k2] = [0xc3a5c85c97cb3127n, 0xb492b66fbe98f273n, 0x9ae16a3b2f90404fn] as const;
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => u64((u64(value) >> by) | (u64(value) << (64n - by)));
const shiftMix = (value: bigint): bigint => u64(value) ^ (u64(value) >> 47n);
const hashLen16 = (u: bigint, v: bigint, factor: bigint): bigint => {
  const a = shiftMix((u64(u) ^ u64(v)) * factor);
  return u64(shiftMix((u64(v) ^ a) * factor) * factor);
};

function hash64(bytes: Uint8Array): bigint {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const at = (place: number): bigint => view.getBigUint64(place, true);
  const fourAt = (place: number): bigint => BigInt(view.getUint32(place, true));
  const factor = k2 + BigInt(length) * 2n;
  if (length === 0) return k2;
  if (length < 4) {
    const y = BigInt(bytes[0]!) + (BigInt(bytes[length >> 1]!) << 8n);
    const z = BigInt(length) + (BigInt(bytes[length - 1]!) << 2n);
    return u64(shiftMix(u64(y * k2) ^ u64(z * k0)) * k2);
  }
  if (length < 8) return hashLen16(BigInt(length) + (fourAt(0) << 3n), fourAt(length - 4), factor);
  if (length <= 16) {
    const [a, b] = [at(0) + k2, at(length - 8)];
    return hashLen16(rotate(b, 37n) * factor + a, (rotate(a, 25n) + b) * factor, factor);
  }
  const b = at(8);
  const [c, d] = [at(length - 8) * factor, at(length - 16) * k2];
  if (length <= 32) {
    const a = at(0) * k1;
    return hashLen16(rotate(a + b, 43n) + rotate(c, 30n) + d, a + rotate(b + k2, 18n) + c, factor);
  }
  if (length <= 64) {
    const a = at(0) * k2;
    const y = rotate(a + b, 43n) + rotate(c, 30n) + d;
    const z = hashLen16(y, a + rotate(b + k2, 18n) + c, factor);
    const [e, f] = [at(16) * factor, at(24)];
    const [g, h] = [(y + at(length - 32)) * factor, (z + at(length - 24)) * factor];
    return hashLen16(rotate(e + f, 43n) + rotate(g, 30n) + h, e + rotate(f + a, 18n) + g, factor);
  }
  const weak = (place: number, seedA: bigint, seedB: bigint): [bigint, bigint] => {
    const a = seedA + at(place);
    const sum = a + at(place + 8) + at(place + 16);
    return [u64(sum + at(place + 24)), u64(rotate(seedB + a + at(place + 24), 21n) + rotate(sum, 44n) + a)];
  };
  let x = 81n * k2 + at(0);
  let y = 81n * k1 + 113n;
  let z = shiftMix(y * k2 + 113n) * k2;
  let v: [bigint, bigint] = [0n, 0n];
  let w: [bigint, bigint] = [0n, 0n];
  const round = (place: number, times: bigint, nine: bigint): void => {
    x = rotate(x + y + v[0] + at(place + 8), 37n) * times;
    y = rotate(y + v[1] + at(place + 48), 42n) * times;
    x = u64(x) ^ u64(w[1] * nine);
    y = y + v[0] * nine + at(place + 40);
    z = rotate(z + w[0], 33n) * times;
    v = weak(place, v[1] * times, x + w[0]);
    w = weak(place + 32, z + w[1], y + at(place + 16));
    [x, z] = [z, x];
  };
  for (let place = 0; place < Math.floor((length - 1) / 64) * 64; place += 64) round(place, k1, 1n);
  const last = k1 + ((u64(z) & 0xffn) << 1n);
  w[0] += BigInt((length - 1) & 63);
  v[0] += w[0];
  w[0] += v[0];
  round(length - 64, last, 9n);
  return hashLen16(hashLen16(v[0], w[0], last) + shiftMix(y) * k0 + z, hashLen16(v[1], w[1], last) + x, last);
}

const hashes = (text: string): void => {
  expect(fingerprint64(text).toBigInt(), JSON.stringify(text.slice(0, 80))).toBe(
    hash64(new TextEncoder().encode(text)),
  );
};

it('hashes texts of three bytes a character that are longer than any before', () => {
  for (const length of [342, 600, 5000, 6000]) hashes('世'.repeat(length));
  hashes('a'.repeat(20_000));
  hashes('世'.repeat(20_000));
});

it('hashes UTF-8: a byte to U+007F, two to U+07FF, three to U+FFFF, else four', () => {
  for (const text of [
    '\u0000',
    '\u007f',
    '\u0080',
    '\u00ff',
    'a\u0080',
    '\u07ff',
    '\u0800',
    '\uffff',
    '\u{10000}',
    '🛒 cart',
  ])
    hashes(text);
});

it('hashes texts of every length to 300 bytes', () => {
  let state = 5;
  const draw = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
  for (let length = 0; length <= 300; length += 1)
    hashes(Array.from({ length }, () => String.fromCharCode(draw() & 0x7f)).join(''));
});
