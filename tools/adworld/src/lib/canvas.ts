export type Colour = readonly [red: number, green: number, blue: number];

/** Hue in turns, saturation and value in [0, 1] → RGB in [0, 255]. */
export function hsv(hue: number, saturation: number, value: number): Colour {
  const channel = (offset: number): number => {
    const place = (offset + hue * 6) % 6;
    return Math.round(255 * value * (1 - saturation * Math.max(0, Math.min(place, 4 - place, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}

/** A square of pixels to fill with shapes. Coordinates are in units of the side, [0, 1], the origin at the top left. */
export class Canvas {
  readonly size: number;
  readonly rgb: Uint8Array;

  constructor(size: number) {
    this.size = size;
    this.rgb = new Uint8Array(size * size * 3);
  }

  /** Colours every pixel in the box whose centre is `inside`. */
  fill(
    left: number,
    top: number,
    right: number,
    bottom: number,
    colour: Colour,
    inside?: (x: number, y: number) => boolean,
  ): void {
    const { size } = this;
    for (let row = Math.max(0, Math.floor(top * size)); row < Math.min(size, Math.ceil(bottom * size)); row++) {
      for (
        let column = Math.max(0, Math.floor(left * size));
        column < Math.min(size, Math.ceil(right * size));
        column++
      ) {
        const x = (column + 0.5) / size;
        const y = (row + 0.5) / size;
        if (x < left || x > right || y < top || y > bottom) continue;
        if (inside === undefined || inside(x, y)) this.rgb.set(colour, (row * size + column) * 3);
      }
    }
  }
}
