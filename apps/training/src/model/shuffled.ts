/** The numbers 0 … count − 1 in an order that the seed gives: Fisher–Yates over splitmix32. */
export function shuffled(count: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  let state = Math.imul(seed, 0x9e3779b9);
  for (let last = count - 1; last > 0; last -= 1) {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    const other = ((mixed ^ (mixed >>> 15)) >>> 0) % (last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
