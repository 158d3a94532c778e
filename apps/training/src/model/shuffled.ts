import { splitMix32 } from '@adstocrat/models';

/** The numbers 0 … count − 1 in an order that the seed gives: Fisher–Yates. */
export function shuffled(count: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  const next = splitMix32(Math.imul(seed, 0x9e3779b9));
  for (let last = count - 1; last > 0; last -= 1) {
    const other = next() % (last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
