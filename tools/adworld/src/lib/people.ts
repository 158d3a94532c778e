import { opaqueId } from './opaque-id.ts';
import { Random } from './random.ts';
import { WeightedChoice, zipfWeights } from './weighted-choice.ts';
import type { WorldSettings } from './world-options.ts';

/** The last entry of each list stands for a missing value. */
export const ageBands = ['18-24', '25-34', '35-44', '45-54', '55+', ''] as const;
export const audiences = ['bargain', 'tech', 'outdoor', 'fashion', 'foodie', 'finance', ''] as const;
export const regions = ['north', 'south', 'east', 'west', 'capital', 'coast', 'lakes', 'hills', 'islands', ''] as const;
export const devices = ['phone', 'desktop', 'tablet'] as const;
export const systems = ['android', 'ios', 'windows', 'macos'] as const;

/** One who sees ads. Numbers are positions in the lists above. */
export interface Person {
  readonly index: number;
  readonly id: string;
  readonly age: number;
  readonly audience: number;
  readonly region: number;
  /** The device used most. */
  readonly device: number;
  /** 0: android and windows; 1: ios and macos. */
  readonly brand: number;
  /** Impressions relative to the others', mean about 1 in the middle ranks. */
  readonly activity: number;
}

const ageWeights = [0.2, 0.26, 0.2, 0.15, 0.12, 0.07];
const regionWeights = [...zipfWeights(regions.length - 1, 0.7).map((weight) => weight / 4), 0.05];
const deviceWeights = [0.58, 0.32, 0.1];

/** The people of a world. Segments follow Zipf's law, and so does how much each person browses. */
export class People {
  readonly #people: readonly Person[];
  readonly #choice: WeightedChoice;

  constructor(settings: WorldSettings) {
    const random = new Random(settings.seed, 'people');
    const age = new WeightedChoice(ageWeights);
    const audience = new WeightedChoice([
      ...zipfWeights(audiences.length - 1, 0.8).map((weight) => weight / 2.6),
      0.08,
    ]);
    const region = new WeightedChoice(regionWeights);
    const device = new WeightedChoice(deviceWeights);
    const weights = zipfWeights(settings.users, 0.7);
    const middle = weights[Math.floor(settings.users / 4)]!;
    this.#people = Array.from({ length: settings.users }, (_, index) => ({
      index,
      id: opaqueId(settings.seed ^ 0x75736572, 0, index),
      age: age.draw(random),
      audience: audience.draw(random),
      region: region.draw(random),
      device: device.draw(random),
      brand: random.uniform() < 0.4 ? 1 : 0,
      activity: Math.min(4, weights[index]! / middle),
    }));
    this.#choice = new WeightedChoice(weights);
  }

  draw(random: Random): Person {
    return this.#people[this.#choice.draw(random)]!;
  }
}
