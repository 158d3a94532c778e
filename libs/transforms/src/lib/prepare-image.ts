import type { ImageTransform, RgbImage } from './transform-graph.ts';

/**
 * Area averaging to size × size pixels: each target pixel is the mean of the source area it covers, parts of pixels by their
 * share, rounded to whole values. Integer arithmetic throughout: weights are in units of 1/size of a source pixel.
 */
export function areaResize(image: RgbImage, size: number): Uint8Array {
  const columns = spans(image.width, size);
  const rows = spans(image.height, size);
  const area = image.width * image.height;
  const out = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      let [red, green, blue] = [0, 0, 0];
      for (const [sourceY, high] of rows[y]!) {
        for (const [sourceX, wide] of columns[x]!) {
          const at = (sourceY * image.width + sourceX) * 3;
          const weight = high * wide;
          red += weight * image.data[at]!;
          green += weight * image.data[at + 1]!;
          blue += weight * image.data[at + 2]!;
        }
      }
      const to = (y * size + x) * 3;
      out[to] = Math.floor(red / area + 0.5);
      out[to + 1] = Math.floor(green / area + 0.5);
      out[to + 2] = Math.floor(blue / area + 0.5);
    }
  }
  return out;
}

/** For each target pixel the source pixels it covers, with weights that sum to the source's length. */
function spans(length: number, size: number): readonly (readonly (readonly [source: number, weight: number])[])[] {
  return Array.from({ length: size }, (_, target) => {
    const [from, to] = [target * length, (target + 1) * length];
    const covered: (readonly [number, number])[] = [];
    for (let source = Math.floor(from / size); source * size < to; source += 1) {
      covered.push([source, Math.min(to, (source + 1) * size) - Math.max(from, source * size)]);
    }
    return covered;
  });
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
