import { splitMix32 } from '@adstocrat/models';

/** A normal belief about each of many numbers: its mean and its variance. */
export interface Beliefs {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** One number of every id's vector, and of the image's. */
export interface Factor {
  /** By id: [idRows]. */
  readonly ids: Beliefs;
  /** Variance of the numbers before rows are seen, by table of ids. */
  readonly before: Float64Array;
  /** Of the projection of an image's vector: its means, [units], and the variance before rows are seen. */
  readonly image: Float64Array;
  imageBefore: number;
  /** What the projection says of each image, [images]. */
  readonly shown: Beliefs;
  /** It says nothing any more, and is left out. */
  silent: boolean;
}

/** What is believed of a model with a linear part over ids, and pairs. */
export interface PairBeliefs {
  bias: number;
  readonly wide: Beliefs;
  readonly wideBefore: Float64Array;
  readonly factors: readonly Factor[];
}

/** What ids and images there are. */
export interface PairInputs {
  /** Of each id its table, −1 for one that says nothing: what a list is padded with. */
  readonly tableOf: Int32Array;
  readonly tables: number;
  /** Of each feature that gives one id, and whose columns requests give, its place in a row and how many ids there are. */
  readonly singles: ReadonlyMap<number, number>;
  /** Of the distinct images, [count, units]. */
  readonly images: { readonly units: number; readonly vectors: Float32Array };
}

/** How far first means are spread, and what variance the first beliefs have. */
const [firstSpread, firstVariance] = [0.1, 0.01] as const;
/** Of an image's projection, to that of ids. */
const imageShare = 0.3;

/** Beliefs that begin with a linear part, and pairs that say next to nothing. `before`: variance of vectors' numbers. `has`: whether rows have an id. */
export function firstBeliefs(
  { tableOf, tables, images }: PairInputs,
  has: (id: number) => boolean,
  from: {
    readonly bias: number;
    readonly wide: ArrayLike<number>;
    readonly wideL2: number;
    readonly factors: number;
    readonly before: number;
    readonly seed: number;
  },
): PairBeliefs {
  const bits = splitMix32(from.seed);
  const uniform = (): number => (bits() + 0.5) / 2 ** 32;
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const { units, vectors } = images;
  const count = units === 0 ? 0 : vectors.length / units;
  const factor = (): Factor => {
    const mean = Float64Array.from(tableOf, (table, id) => (table >= 0 && has(id) ? firstSpread * normal() : 0));
    const variance = Float64Array.from(tableOf, (table) => (table < 0 ? 0 : firstVariance));
    const image = Float64Array.from({ length: units }, () => imageShare * firstSpread * normal());
    const shown = { mean: new Float64Array(count), variance: new Float64Array(count).fill(firstVariance) };
    for (let at = 0; at < vectors.length; at += 1)
      shown.mean[Math.floor(at / units)]! += vectors[at]! * image[at % units]!;
    const before = new Float64Array(tables).fill(from.before);
    return { ids: { mean, variance }, before, image, imageBefore: from.before, shown, silent: false };
  };
  return {
    bias: from.bias,
    wide: { mean: Float64Array.from(from.wide), variance: new Float64Array(tableOf.length) },
    wideBefore: new Float64Array(tables).fill(1 / from.wideL2),
    factors: Array.from({ length: from.factors }, factor),
  };
}
