import { describe, expect, it } from 'vitest';
import { quantiles } from './quantiles.ts';

/** murmur3's finalizer, as published. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A row's number as 32 bits: the low ones, changed by the high ones. */
const numberOf = (row: number): number => Number((BigInt(row) & 0xffffffffn) ^ (BigInt(row) >> 32n));

const probabilities = Array.from({ length: 1001 }, (_, rank) => rank / 1000);
/** By the definition of nearest rank: the least value that so large a part of them does not exceed. */
const nearest = (ascending: readonly number[]): readonly number[] =>
  probabilities.map((p) => ascending[Math.ceil(p * ascending.length - 1)] ?? ascending[0]!);

/** Of rows whose value is their own number, counted from the first one. */
function found(rows: number, { figures = 1, firstRow = 0, batch = rows } = {}): readonly number[] {
  const figure = quantiles((_columns, row) => (row < Math.min(batch, rows) ? at + row + 1 : NaN), probabilities);
  figure.shareRoom?.(figures);
  let at = 0;
  for (; at < rows; at += batch)
    figure.add({ columns: [], rows: Math.min(batch, rows - at), firstRow: firstRow + at, labels: [], folds: [] });
  return figure.result();
}

/** The rows whose mixed number is below the largest 2^32 / 2^k that leaves no more than `most`. */
function sampled(rows: number, most: number, firstRow = 0): readonly number[] {
  const values = Array.from({ length: rows }, (_, row) => row + 1);
  const hashes = values.map((value) => mixed(numberOf(firstRow + value - 1)));
  for (let limit = 2 ** 32; ; limit /= 2) {
    const held = values.filter((_, row) => hashes[row]! < limit);
    if (held.length <= most) return held;
  }
}

describe('quantiles', () => {
  it('are those of every row where there is room: 2^20 of one figure, 2^10 of each of 2^16', () => {
    const all = (rows: number): readonly number[] => nearest(Array.from({ length: rows }, (_, row) => row + 1));
    expect(found(2 ** 20)).toEqual(all(2 ** 20));
    expect(found(2 ** 10, { figures: 2 ** 16 })).toEqual(all(2 ** 10));
  });

  it.each([
    ['one more than there is room for', 2 ** 20 + 1, 2 ** 20, {}],
    ['of 2^16 figures', 2 ** 10 + 1, 2 ** 10, { figures: 2 ** 16 }],
    ['in batches', 30_000, 2 ** 10, { figures: 2 ** 16, batch: 700 }],
    ['behind 2^32 others', 30_000, 2 ** 10, { figures: 2 ** 16, firstRow: 3 * 2 ** 32 + 2 ** 31 }],
  ])('are those of the rows whose mixed number is small: %s', (_, rows, most, { firstRow, ...options }: Options) => {
    const held = sampled(rows, most, firstRow);
    expect(held.length).toBeLessThan(rows);
    expect(found(rows, { ...options, ...(firstRow === undefined ? undefined : { firstRow }) })).toEqual(nearest(held));
  });

  it('are none of no number', () => {
    expect(found(0)).toEqual([]);
  });
});

interface Options {
  readonly figures?: number;
  readonly batch?: number;
  readonly firstRow?: number;
}
