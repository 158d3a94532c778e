/**
 * A seeded source of random numbers: xoshiro128** (Blackman and Vigna, 2018), its state filled by splitmix32
 * over the seed and a key, so every part of the world draws from a stream of its own and the parts don't shift
 * each other. Only 32-bit integer operations: the same numbers on every engine.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** `keys` name the stream: strings are hashed (FNV-1a over UTF-16 units), numbers are taken modulo 2^32. */
  constructor(seed: number, ...keys: readonly (string | number)[]) {
    let state = seed | 0;
    for (const key of keys) state = mix(state ^ (typeof key === 'string' ? hash(key) : key | 0));
    const next = (): number => mix((state = (state + 0x9e3779b9) | 0));
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
  }

  /** An integer in [0, 2^32). */
  integer(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** A number in [0, 1) on a grid of 2^−32. */
  uniform(): number {
    return this.integer() / 4_294_967_296;
  }

  /** An integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** A draw from the standard normal distribution, by Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.integer() + 1) / 4_294_967_296));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** Scrambles 32 bits so that each input bit reaches every output bit (murmur3's finalizer, a bijection). */
export function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193);
  return bits;
}
