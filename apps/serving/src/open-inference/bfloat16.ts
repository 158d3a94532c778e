const word = new DataView(new ArrayBuffer(4));

/** bfloat16 as a number, exact: the upper half of an IEEE 754 binary32. */
export function bfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
