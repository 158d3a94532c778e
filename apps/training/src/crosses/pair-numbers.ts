/** Ids of rows: [rows, fields]. */
export interface IdRows {
  readonly rows: number;
  readonly fields: number;
  readonly ids: Int32Array;
}

/** The places of two features' ids in a row. */
export type Places = readonly [number, number];

/** Numbers the pairs of ids that rows have at two places, in the order of their first rows. Of use for the places that it numbered last. */
export class PairNumbers {
  readonly #slots: Int32Array;
  readonly #firsts: Int32Array;
  readonly #seconds: Int32Array;
  #count = 0;

  /** `rows`: that are numbered at once, at most. */
  constructor(rows: number) {
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * rows + 2)));
    [this.#firsts, this.#seconds] = [new Int32Array(rows), new Int32Array(rows)];
  }

  /** Distinct pairs. */
  get count(): number {
    return this.#count;
  }

  /** The ids of the pair with a number. */
  pairOf(number: number): readonly [first: number, second: number] {
    return [this.#firsts[number]!, this.#seconds[number]!];
  }

  /** Puts the number of each row's pair into `out`; −1 for pairs that are not in the `share` of all which is numbered, with all rows that have them. */
  number({ rows, fields, ids }: IdRows, [one, other]: Places, out: Int32Array, share = 1): void {
    const limit = share * 2 ** 32;
    this.#slots.fill(-1);
    this.#count = 0;
    for (let row = 0; row < rows; row += 1) {
      const [first, second] = [ids[row * fields + one]!, ids[row * fields + other]!];
      const hash = hashOf(first, second);
      if (hash >>> 0 >= limit) {
        out[row] = -1;
        continue;
      }
      const slot = this.#slotOf(first, second, hash);
      if (this.#slots[slot]! < 0) {
        this.#slots[slot] = this.#count;
        this.#firsts[this.#count] = first;
        this.#seconds[this.#count] = second;
        this.#count += 1;
      }
      out[row] = this.#slots[slot]!;
    }
  }

  /** The number of a pair, −1 for one that no row had. */
  find(first: number, second: number): number {
    return this.#slots[this.#slotOf(first, second, hashOf(first, second))]!;
  }

  /** Where the pair lies, or the empty slot where it would. */
  #slotOf(first: number, second: number, hash: number): number {
    const last = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 13)) & last;
    for (;;) {
      const number = this.#slots[slot]!;
      if (number < 0 || (this.#firsts[number] === first && this.#seconds[number] === second)) return slot;
      slot = (slot + 1) & last;
    }
  }
}

/** 32 bits. */
function hashOf(first: number, second: number): number {
  const hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
}
