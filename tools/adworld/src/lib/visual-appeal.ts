import type { VisualFields } from './visual-fields.ts';
import { ageBands, audiences, devices, type Person } from './people.ts';
import { verticals } from './catalogue.ts';

const buttonMain = { filled: 0.26, pill: 0.08, outline: -0.08, link: -0.26 } as const;
const layoutMain = { left: 0.14, right: -0.14, stacked: 0 } as const;
const shapeMain = { circle: 0.1, square: -0.1, triangle: -0.1, ring: 0.1 } as const;

/** Hue, in turns, that each audience likes best; `null` (not known) has no favourite. */
const favouriteHue: readonly (number | null)[] = [0.0, 0.55, 0.3, 0.8, 0.15, 0.65, null];
/** What clutter does to each age band, youngest first; the last is the band not known. */
const clutterByAge: readonly number[] = [0.9, 0.5, 0, -0.4, -0.8, -0.1];
/** What a filled button adds on each device. */
const filledByDevice: readonly number[] = [0.24, 0.1, -0.2];
/** The product shape that suits each vertical. */
const shapeByVertical = ['circle', 'square', 'triangle', 'ring', 'circle', 'triangle'] as const;

/** Positions in {@link ageBands}, {@link audiences}, {@link devices} and {@link verticals}. */
export interface Viewing {
  readonly age: number;
  readonly audience: number;
  readonly device: number;
  readonly vertical: number;
}

/** Every combination of {@link Viewing} has one key in [0, {@link viewingKeys}). */
export function viewingKey(person: Pick<Person, 'age' | 'audience'>, device: number, vertical: number): number {
  return ((person.age * audiences.length + person.audience) * devices.length + device) * verticals.length + vertical;
}

export const viewingKeys = ageBands.length * audiences.length * devices.length * verticals.length;

export function viewingOf(key: number): Viewing {
  const vertical = key % verticals.length;
  const device = Math.floor(key / verticals.length) % devices.length;
  const rest = Math.floor(key / verticals.length / devices.length);
  return { vertical, device, audience: rest % audiences.length, age: Math.floor(rest / audiences.length) };
}

/** The part of the logit that is only in the pixels, and the part that depends on pixels × who looks, where. */
export function visualAppeal(fields: VisualFields, viewing: Viewing): number {
  const { age, audience, device, vertical } = viewing;
  const warmth = Math.cos(2 * Math.PI * (fields.hue - 0.05));
  const everyone =
    0.34 * warmth +
    0.95 * (fields.contrast - 0.5) +
    0.85 * (fields.headline - 0.5) -
    0.95 * (fields.clutter - 0.5) +
    buttonMain[fields.button] +
    layoutMain[fields.layout] +
    shapeMain[fields.shape];
  const liked = favouriteHue[audience] ?? null;
  const hue = liked === null ? 0 : 0.5 * Math.cos(2 * Math.PI * (fields.hue - liked));
  const clutter = clutterByAge[age]! * (fields.clutter - 0.5);
  const button =
    fields.button === 'filled' || fields.button === 'pill' ? filledByDevice[device]! : -filledByDevice[device]!;
  const shape = fields.shape === shapeByVertical[vertical] ? 0.4 : -0.13;
  return everyone + hue + clutter + button + shape;
}
