import type { ImageTransform, RgbImage } from './transform-graph.ts';

/**
 * Area averaging to size × size pixels: each target pixel is the mean of the source area it covers, parts of pixels by their
 * share, rounded to whole values. Integer arithmetic throughout: weights are in units of 1/size of a source pixel, and no sum is above
 * 255 × width × height.
 */
export function areaResize(image: RgbImage, size: number): Uint8Array {
  const { width, height, data } = image;
  const out = new Uint8Array(size * size * 3);
  if (width === size && height === size) {
    out.set(data);
    return out;
  }
  const columns = spansOf(width, size);
  const rows = spansOf(height, size);
  const area = width * height;
  const ofRow = new Float64Array(size * 3);
  const sums = new Float64Array(size * 3);
  // Targets that share a row lie beside each other: its sums are made once.
  let summed = -1;
  for (let y = 0; y < size; y += 1) {
    const [first, last] = [rows.first[y]!, rows.last[y]!];
    sums.fill(0);
    for (let row = first; row <= last; row += 1) {
      if (row !== summed) sumColumns(data, row * width * 3, columns, size, ofRow);
      summed = row;
      const weight = row === first ? rows.ofFirst[y]! : row === last ? rows.ofLast[y]! : size;
      for (let index = 0; index < sums.length; index += 1) sums[index]! += weight * ofRow[index]!;
    }
    const to = y * size * 3;
    for (let index = 0; index < sums.length; index += 1) out[to + index] = Math.floor(sums[index]! / area + 0.5);
  }
  return out;
}

/** Of one source row, which begins at `from`: for each target column the weighted sum of what it covers, into `sums`. */
function sumColumns(data: Uint8Array, from: number, columns: Spans, size: number, sums: Float64Array): void {
  const { first, last, ofFirst, ofLast } = columns;
  for (let column = 0; column < first.length; column += 1) {
    let at = from + first[column]! * 3;
    const end = from + last[column]! * 3;
    const to = column * 3;
    const before = ofFirst[column]!;
    const after = ofLast[column]!;
    const red = before * data[at]! + after * data[end]!;
    const green = before * data[at + 1]! + after * data[end + 1]!;
    const blue = before * data[at + 2]! + after * data[end + 2]!;
    // Pixels that the target covers whole.
    let [reds, greens, blues] = [0, 0, 0];
    for (at += 3; at < end; at += 3) {
      reds += data[at]!;
      greens += data[at + 1]!;
      blues += data[at + 2]!;
    }
    sums[to] = red + size * reds;
    sums[to + 1] = green + size * greens;
    sums[to + 2] = blue + size * blues;
  }
}

/** For each target pixel the first and the last source pixel that it covers, and their weights: those in between have `size` each. */
interface Spans {
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly ofFirst: Int32Array;
  /** 0 where the first is the last. */
  readonly ofLast: Int32Array;
}

/** The weights of a target pixel's span sum to `length`. */
function spansOf(length: number, size: number): Spans {
  const [first, last] = [new Int32Array(size), new Int32Array(size)];
  const [ofFirst, ofLast] = [new Int32Array(size), new Int32Array(size)];
  for (let target = 0; target < size; target += 1) {
    const [from, to] = [target * length, (target + 1) * length];
    const [begin, end] = [Math.floor(from / size), Math.ceil(to / size) - 1];
    first[target] = begin;
    last[target] = end;
    ofFirst[target] = begin === end ? length : (begin + 1) * size - from;
    ofLast[target] = begin === end ? 0 : to - end * size;
  }
  return { first, last, ofFirst, ofLast };
}

/** size × size × 3 bytes → floats, (v / 255 − mean) ÷ scale for each channel, written at `offset` of `out`. */
export function normalizePixels(transform: ImageTransform, pixels: Uint8Array, out: Float32Array, offset = 0): void {
  const tables = transform.mean.map((mean, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean) / transform.scale[channel]!),
  );
  for (let index = 0; index < pixels.length; index += 3) {
    out[offset + index] = tables[0]![pixels[index]!]!;
    out[offset + index + 1] = tables[1]![pixels[index + 1]!]!;
    out[offset + index + 2] = tables[2]![pixels[index + 2]!]!;
  }
}
