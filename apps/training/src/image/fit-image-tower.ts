import type { ImageTowerOptions, Weights } from '@adstocrat/models';
import { imageVectors } from '@adstocrat/tensorflow';
import { shuffled } from '../model/shuffled.ts';
import { bankFilters, filterBank } from './filter-bank.ts';
import { principalComponents } from './principal-components.ts';

/** A tower that all models of a run share, and what it says of the run's images. */
export interface FittedImages {
  readonly size: number;
  readonly tower: ImageTowerOptions & { readonly units: number };
  /** Of a tower called `image`. */
  readonly weights: Weights;
  /** float [count, units]. */
  readonly vectors: Float32Array;
  /** Positions of the images that training rows show. */
  readonly shown: ReadonlySet<number>;
}

const cells = 4;
/** Numbers of an image's vector at most, and images for each one at least: some hundred images carry all labels. */
const [mostUnits, imagesEach] = [32, 4] as const;
/** Images that the projection is fitted on at most. */
const mostImages = 600;

/**
 * Fits the tower to the images of the training rows, not to their labels: what differs most between images, in as few numbers as their count
 * allows. `pixels` floats [count, size, size, 3]; `shown` the positions of the training rows' images. Undefined where they show fewer than two that differ. Yields to
 * the event loop meanwhile.
 */
export async function fitImageTower(
  pixels: Float32Array,
  size: number,
  shown: ReadonlySet<number>,
): Promise<FittedImages | undefined> {
  const bare: ImageTowerOptions = { filters: bankFilters, cells };
  const filters: Weights = new Map([
    ['image.filters.kernel', filterBank()],
    ['image.filters.bias', new Float32Array(bankFilters)],
  ]);
  const all = [...shown].sort((a, b) => a - b);
  const some = Array.from(shuffled(all.length, 1), (at) => all[at]!).slice(0, mostImages);
  if (some.length < 2) return undefined;
  const each = size * size * 3;
  const sample = new Float32Array(some.length * each);
  for (const [at, image] of some.entries()) sample.set(pixels.subarray(image * each, (image + 1) * each), at * each);
  const averages = await imageVectors(sample, { size, tower: bare, weights: filters });
  const most = Math.max(1, Math.min(mostUnits, Math.floor(all.length / imagesEach)));
  const { units, kernel, bias } = await principalComponents(averages, some.length, most);
  if (units === 0) return undefined;
  const tower = { ...bare, units };
  const weights: Weights = new Map([...filters, ['image.out.kernel', kernel], ['image.out.bias', bias]]);
  return { size, tower, weights, shown, vectors: await imageVectors(pixels, { size, tower, weights }) };
}
