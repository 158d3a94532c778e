import type { NoisySigmoid } from './noisy-sigmoid.ts';
import { viewingKeys, viewingOf, visualAppeal } from './visual-appeal.ts';
import { buttonStyles, layouts, productShapes, type VisualFields } from './visual-fields.ts';

const draws = 4096;
const groups = 64;
const least = -14;
const most = 8;
const steps = 20;

/**
 * The click probability of someone who knows every column and not the picture: the mean over all pictures that
 * the world could have drawn, given the columns. Pictures are drawn independently of every column, so that mean
 * runs over the prior: 4,096 points of a Kronecker lattice over the seven visual fields. Per combination of what
 * appeal depends on (age band, audience, device, vertical) the sorted appeals are held as 64 group means.
 */
export class WithoutPixels {
  readonly #response: NoisySigmoid;
  readonly #tables: (Float64Array | undefined)[] = Array.from({ length: viewingKeys }, () => undefined);
  readonly #pictures: readonly VisualFields[];

  constructor(response: NoisySigmoid) {
    this.#response = response;
    this.#pictures = Array.from({ length: draws }, (_, index) => {
      const at = (prime: number): number => ((index + 0.5) * Math.sqrt(prime)) % 1;
      return {
        hue: at(2),
        contrast: at(3),
        headline: at(5),
        clutter: at(7),
        button: buttonStyles[Math.floor(at(11) * buttonStyles.length)]!,
        shape: productShapes[Math.floor(at(13) * productShapes.length)]!,
        layout: layouts[Math.floor(at(17) * layouts.length)]!,
      };
    });
  }

  /** `logit` holds every effect but the picture's and the mood's; `key` is a viewing key. */
  probability(logit: number, key: number): number {
    const table = (this.#tables[key] ??= this.#table(key));
    const place = Math.min(Math.max((logit - least) * steps, 0), table.length - 1.001);
    const index = Math.floor(place);
    const low = table[index]!;
    return low + (place - index) * (table[index + 1]! - low);
  }

  #table(key: number): Float64Array {
    const viewing = viewingOf(key);
    const appeals = Float64Array.from(this.#pictures, (picture) => visualAppeal(picture, viewing)).sort();
    const size = draws / groups;
    const means = Array.from({ length: groups }, (_, group) => {
      let sum = 0;
      for (let index = 0; index < size; index++) sum += appeals[group * size + index]!;
      return sum / size;
    });
    return Float64Array.from({ length: (most - least) * steps + 1 }, (_, index) => {
      let sum = 0;
      for (const mean of means) sum += this.#response.at(least + index / steps + mean);
      return sum / groups;
    });
  }
}
