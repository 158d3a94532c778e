/** A whole number of 64 bits, unsigned, modulo 2^64: two halves of 32 bits, since BigInt takes microseconds where this takes nanoseconds. */
export class U64 {
  readonly high: number;
  readonly low: number;

  constructor(high: number, low: number) {
    this.high = high;
    this.low = low;
  }

  /** Of a whole number in [0, 2^53]. */
  static of(value: number): U64 {
    return new U64(Math.floor(value / 2 ** 32), value >>> 0);
  }

  plus(other: U64): U64 {
    const low = this.low + other.low;
    const carry = low > 0xffffffff ? 1 : 0;
    return new U64((this.high + other.high + carry) >>> 0, low >>> 0);
  }

  times(other: U64): U64 {
    const cross = Math.imul(this.high, other.low) + Math.imul(this.low, other.high);
    return new U64((highProduct(this.low, other.low) + cross) >>> 0, Math.imul(this.low, other.low) >>> 0);
  }

  xor(other: U64): U64 {
    return new U64((this.high ^ other.high) >>> 0, (this.low ^ other.low) >>> 0);
  }

  /** Shifted right by 1 to 63. */
  shiftedRight(by: number): U64 {
    // A shift of 32 bits counts modulo 32.
    if (by >= 32) return new U64(0, this.high >>> by);
    return new U64(this.high >>> by, ((this.low >>> by) | (this.high << (32 - by))) >>> 0);
  }

  /** Rotated right by 1 to 63, not 32. */
  rotatedRight(by: number): U64 {
    const [high, low] = by > 32 ? [this.low, this.high] : [this.high, this.low];
    const some = by & 31;
    return new U64(((high >>> some) | (low << (32 - some))) >>> 0, ((low >>> some) | (high << (32 - some))) >>> 0);
  }

  /** The remainder of a division by a whole number in [1, 2^31]. */
  modulo(divisor: number): number {
    let rest = this.high % divisor;
    rest = (rest * 0x10000 + (this.low >>> 16)) % divisor;
    return (rest * 0x10000 + (this.low & 0xffff)) % divisor;
  }

  toBigInt(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }
}

/** The upper 32 bits of the product of two numbers of 32 bits, by halves: no sum below exceeds 2^32. */
function highProduct(a: number, b: number): number {
  const [a1, a0] = [a >>> 16, a & 0xffff];
  const [b1, b0] = [b >>> 16, b & 0xffff];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  return a1 * b1 + (middle >>> 16) + (other >>> 16);
}
