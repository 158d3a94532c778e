import { Random } from './random.ts';
import { WeightedChoice, zipfWeights } from './weighted-choice.ts';
import type { WorldSettings } from './world-options.ts';

export const topics = ['news', 'sport', 'recipes', 'travel', 'games', 'money'] as const;

/** A place where ads are shown. */
export interface Site {
  readonly name: string;
  /** Position in {@link topics}. */
  readonly topic: number;
  /** Added to the logit of a click. */
  readonly effect: number;
  /** Median of the least price asked, in euro per thousand impressions. */
  readonly priceFloor: number;
  readonly positions: number;
}

const words = ['daily', 'open', 'blue', 'metro', 'quick', 'green', 'royal', 'north'];
const things = ['herald', 'corner', 'planet', 'journal', 'garden'];

/** The site that a drift brings in; no history holds it. */
export const newSite: Site = { name: 'clips.example', topic: 4, effect: 0.9, priceFloor: 1.4, positions: 3 };

/** 40 sites, visited by Zipf's law. */
export class Sites {
  readonly #sites: readonly Site[];
  readonly #choice: WeightedChoice;

  constructor(settings: WorldSettings) {
    const random = new Random(settings.seed, 'sites');
    const names = words.flatMap((word) => things.map((thing) => `${word}-${thing}.example`));
    for (let index = names.length - 1; index > 0; index--) {
      const other = random.below(index + 1);
      [names[index], names[other]] = [names[other]!, names[index]!];
    }
    this.#sites = names.map((name) => ({
      name,
      topic: random.below(topics.length),
      effect: 0.42 * clamp(random.normal(), 1.6),
      priceFloor: Math.exp(0.2 + 0.5 * random.normal()),
      positions: 3 + random.below(4),
    }));
    this.#choice = new WeightedChoice(zipfWeights(names.length, 0.9));
  }

  draw(random: Random): Site {
    return this.#sites[this.#choice.draw(random)]!;
  }
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}
