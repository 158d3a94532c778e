/** Orders texts as their UTF-8 bytes are ordered: by code points, where JavaScript compares halves of surrogate pairs. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x === y) continue;
    // Surrogates stand for code points beyond the units from U+E000 on.
    const [xHigh, yHigh] = [isSurrogate(x), isSurrogate(y)];
    return xHigh === yHigh ? x - y : Number(xHigh) - Number(yHigh);
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
