import { U64 } from './u64.ts';

const k0 = new U64(0xc3a5c85c, 0x97cb3127);
const k1 = new U64(0xb492b66f, 0xbe98f273);
const k2 = new U64(0x9ae16a3b, 0x2f90404f);

const encoder = new TextEncoder();
let bytes = new Uint8Array(1024);

/**
 * FarmHash Fingerprint64 over a text's UTF-8 bytes: what TensorFlow's `tf.strings.to_hash_bucket_fast` and feature columns hash with.
 * Source: G. Pike, FarmHash 1.1, `farmhashna::Hash64`; fixed for ever by its name.
 */
export function fingerprint64(text: string): U64 {
  // In two steps: a longer text than any before has new room for its bytes.
  const length = encode(text);
  return hashBytes(bytes, length);
}

/** The bucket of a text in [0, buckets), as `tf.strings.to_hash_bucket_fast`. Buckets: a whole number in [1, 2^31]. */
export function hashBucket(text: string, buckets: number): number {
  return fingerprint64(text).modulo(buckets);
}

/** Writes the text's UTF-8 to {@link bytes}; returns its length. Most texts are ASCII, which needs no encoder. */
function encode(text: string): number {
  if (bytes.length < text.length * 3) bytes = new Uint8Array(text.length * 3);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return encoder.encodeInto(text, bytes).written;
    bytes[index] = code;
  }
  return text.length;
}

function hashBytes(from: Uint8Array, length: number): U64 {
  if (length <= 16) return upTo16(from, length);
  if (length <= 32) return upTo32(from, length);
  if (length <= 64) return upTo64(from, length);
  return longer(from, length);
}

function fetch32(from: Uint8Array, at: number): number {
  return (from[at]! | (from[at + 1]! << 8) | (from[at + 2]! << 16) | (from[at + 3]! << 24)) >>> 0;
}

function fetch64(from: Uint8Array, at: number): U64 {
  return new U64(fetch32(from, at + 4), fetch32(from, at));
}

function shiftMix(value: U64): U64 {
  return value.xor(value.shiftedRight(47));
}

function mix(u: U64, v: U64, factor: U64): U64 {
  const a = shiftMix(u.xor(v).times(factor));
  return shiftMix(v.xor(a).times(factor)).times(factor);
}

function upTo16(from: Uint8Array, length: number): U64 {
  const factor = k2.plus(U64.of(length * 2));
  if (length >= 8) {
    const a = fetch64(from, 0).plus(k2);
    const b = fetch64(from, length - 8);
    const c = b.rotatedRight(37).times(factor).plus(a);
    return mix(c, a.rotatedRight(25).plus(b).times(factor), factor);
  }
  if (length >= 4) return mix(U64.of(length + fetch32(from, 0) * 8), U64.of(fetch32(from, length - 4)), factor);
  if (length === 0) return k2;
  const y = U64.of(from[0]! + from[length >> 1]! * 256);
  const z = U64.of(length + from[length - 1]! * 4);
  return shiftMix(y.times(k2).xor(z.times(k0))).times(k2);
}

function upTo32(from: Uint8Array, length: number): U64 {
  const factor = k2.plus(U64.of(length * 2));
  const a = fetch64(from, 0).times(k1);
  const b = fetch64(from, 8);
  const c = fetch64(from, length - 8).times(factor);
  const d = fetch64(from, length - 16).times(k2);
  return mix(
    a.plus(b).rotatedRight(43).plus(c.rotatedRight(30)).plus(d),
    a.plus(b.plus(k2).rotatedRight(18)).plus(c),
    factor,
  );
}

function upTo64(from: Uint8Array, length: number): U64 {
  const factor = k2.plus(U64.of(length * 2));
  const a = fetch64(from, 0).times(k2);
  const b = fetch64(from, 8);
  const c = fetch64(from, length - 8).times(factor);
  const d = fetch64(from, length - 16).times(k2);
  const y = a.plus(b).rotatedRight(43).plus(c.rotatedRight(30)).plus(d);
  const z = mix(y, a.plus(b.plus(k2).rotatedRight(18)).plus(c), factor);
  const e = fetch64(from, 16).times(factor);
  const f = fetch64(from, 24);
  const g = y.plus(fetch64(from, length - 32)).times(factor);
  const h = z.plus(fetch64(from, length - 24)).times(factor);
  return mix(
    e.plus(f).rotatedRight(43).plus(g.rotatedRight(30)).plus(h),
    e.plus(f.plus(a).rotatedRight(18)).plus(g),
    factor,
  );
}

type Pair = readonly [U64, U64];

/** 32 bytes and two seeds → two values. */
function weak(from: Uint8Array, at: number, seedA: U64, seedB: U64): Pair {
  const [w, x, y, z] = [fetch64(from, at), fetch64(from, at + 8), fetch64(from, at + 16), fetch64(from, at + 24)];
  const a = seedA.plus(w);
  const sum = a.plus(x).plus(y);
  const b = seedB.plus(a).plus(z).rotatedRight(21).plus(sum.rotatedRight(44));
  return [sum.plus(z), b.plus(a)];
}

/** More than 64 bytes: 56 bytes of state, 64 bytes at a time, then the last 64. */
function longer(from: Uint8Array, length: number): U64 {
  const seed = U64.of(81);
  let y = seed.times(k1).plus(U64.of(113));
  let z = shiftMix(y.times(k2).plus(U64.of(113))).times(k2);
  let x = seed.times(k2).plus(fetch64(from, 0));
  let v: Pair = [U64.of(0), U64.of(0)];
  let w: Pair = v;
  const round = (at: number, factor: U64, last: boolean): void => {
    x = x
      .plus(y)
      .plus(v[0])
      .plus(fetch64(from, at + 8))
      .rotatedRight(37)
      .times(factor);
    y = y
      .plus(v[1])
      .plus(fetch64(from, at + 48))
      .rotatedRight(42)
      .times(factor);
    x = x.xor(last ? w[1].times(U64.of(9)) : w[1]);
    y = y.plus(last ? v[0].times(U64.of(9)) : v[0]).plus(fetch64(from, at + 40));
    z = z.plus(w[0]).rotatedRight(33).times(factor);
    v = weak(from, at, v[1].times(factor), x.plus(w[0]));
    w = weak(from, at + 32, z.plus(w[1]), y.plus(fetch64(from, at + 16)));
    [x, z] = [z, x];
  };
  const end = Math.floor((length - 1) / 64) * 64;
  for (let at = 0; at < end; at += 64) round(at, k1, false);
  const factor = k1.plus(U64.of((z.low & 0xff) * 2));
  w = [w[0].plus(U64.of((length - 1) & 63)), w[1]];
  v = [v[0].plus(w[0]), v[1]];
  w = [w[0].plus(v[0]), w[1]];
  round(length - 64, factor, true);
  return mix(mix(v[0], w[0], factor).plus(shiftMix(y).times(k0)).plus(z), mix(v[1], w[1], factor).plus(x), factor);
}
