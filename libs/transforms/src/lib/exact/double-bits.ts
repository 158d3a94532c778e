const view = new DataView(new ArrayBuffer(8));

/** A positive finite double as mantissa · 2^exponent, the mantissa in [√½, √2). Exact. */
export function splitDouble(x: number): { readonly mantissa: number; readonly exponent: number } {
  const subnormal = x < 2 ** -1022;
  view.setFloat64(0, subnormal ? x * 2 ** 54 : x);
  const high = view.getUint32(0);
  let exponent = (high >> 20) - 1023 - (subnormal ? 54 : 0);
  view.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  let mantissa = view.getFloat64(0);
  if (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  return { mantissa, exponent };
}

/** 2^exponent, exact, for a whole exponent in [−1022, 1023]. */
export function powerOfTwo(exponent: number): number {
  view.setUint32(0, (exponent + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}
