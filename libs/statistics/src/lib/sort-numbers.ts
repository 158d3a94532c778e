/**
 * Sorts numbers in place, −0 before 0, as `sort` of their array does; none may be NaN. They are sorted as whole numbers of 64 bits: two of
 * those are compared in a third of the time, and the bits of doubles are in the order of their values but for negative ones, whose
 * greatest come first (IEEE 754, 5.10). Of machines that have the low half of a number first.
 */
export function sortNumbers(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = values;
  const halves = new Int32Array(buffer, byteOffset, 2 * length);
  turnNegatives(halves);
  new BigInt64Array(buffer, byteOffset, length).sort();
  turnNegatives(halves);
  return values;
}

/** Of negative numbers all bits but the sign: done twice it changes nothing. */
function turnNegatives(halves: Int32Array): void {
  for (let high = 1; high < halves.length; high += 2) {
    const half = halves[high] as number;
    if (half >= 0) continue;
    halves[high] = half ^ 0x7fffffff;
    halves[high - 1] = ~(halves[high - 1] as number);
  }
}
