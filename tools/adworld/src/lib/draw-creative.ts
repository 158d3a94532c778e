import { Canvas, hsv, type Colour } from './canvas.ts';
import { encodePng } from './png.ts';
import { Random } from './random.ts';
import type { VisualFields } from './visual-fields.ts';

const places = {
  left: { product: [0.27, 0.42], headline: 0.54, top: 0.2, width: 0.4 },
  right: { product: [0.73, 0.42], headline: 0.06, top: 0.2, width: 0.4 },
  stacked: { product: [0.5, 0.3], headline: 0.2, top: 0.56, width: 0.6 },
} as const;

/** Draws an ad as PNG from shapes. `seed` only moves things a little and throws the clutter about. */
export function drawCreative(fields: VisualFields, size: number, seed: number): Uint8Array {
  const canvas = new Canvas(size);
  const random = new Random(seed, 'jitter');
  const background = hsv(fields.hue, 0.62, 0.72);
  const ink = towards(background, fields.contrast);
  canvas.fill(0, 0, 1, 1, background);
  const count = Math.round(34 * fields.clutter);
  for (let index = 0; index < count; index++) {
    const x = random.uniform();
    const y = random.uniform();
    canvas.fill(x, y, x + 0.05, y + 0.05, hsv(random.uniform(), 0.8, 0.35 + 0.6 * random.uniform()));
  }
  const place = places[fields.layout];
  const move = (): number => 0.04 * (random.uniform() - 0.5);
  drawProduct(canvas, fields.shape, place.product[0] + move(), place.product[1] + move(), ink);
  const bar = 0.035 + 0.085 * fields.headline;
  const top = place.top + move();
  canvas.fill(place.headline, top, place.headline + place.width, top + bar, ink);
  canvas.fill(place.headline, top + bar * 1.5, place.headline + place.width * 0.75, top + bar * 2.5, ink);
  drawButton(canvas, fields.button, 0.5 + move(), 0.88, ink);
  return encodePng(size, size, canvas.rgb);
}

/** Between nearly the background's colour (contrast 0) and nearly white (contrast 1). */
function towards(background: Colour, contrast: number): Colour {
  const share = 0.12 + 0.85 * contrast;
  return background.map((channel) => Math.round(channel + share * (255 - channel))) as unknown as Colour;
}

function drawProduct(canvas: Canvas, shape: VisualFields['shape'], x: number, y: number, ink: Colour): void {
  const radius = 0.19;
  const inside = {
    circle: (px: number, py: number) => Math.hypot(px - x, py - y) < radius,
    square: (px: number, py: number) => Math.max(Math.abs(px - x), Math.abs(py - y)) < radius * 0.88,
    triangle: (px: number, py: number) => py - y < radius && Math.abs(px - x) < (py - y + radius) * 0.6,
    ring: (px: number, py: number) => Math.abs(Math.hypot(px - x, py - y) - radius * 0.8) < radius * 0.28,
  }[shape];
  const box = radius * 1.25;
  canvas.fill(x - box, y - box, x + box, y + box, ink, inside);
}

function drawButton(canvas: Canvas, style: VisualFields['button'], x: number, y: number, ink: Colour): void {
  const [width, height] = [0.2, 0.065];
  const pill = (px: number, py: number): boolean =>
    Math.hypot(Math.max(0, Math.abs(px - x) - (width - height)), py - y) < height;
  const edge = (px: number, py: number): boolean => Math.abs(px - x) > width - 0.02 || Math.abs(py - y) > height - 0.02;
  if (style === 'link') canvas.fill(x - width, y, x + width, y + 0.02, ink);
  else if (style === 'outline') canvas.fill(x - width, y - height, x + width, y + height, ink, edge);
  else if (style === 'pill') canvas.fill(x - width, y - height, x + width, y + height, [235, 40, 50], pill);
  else canvas.fill(x - width, y - height, x + width, y + height, [235, 40, 50]);
}
