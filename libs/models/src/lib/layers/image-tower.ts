import { denseParameters } from '../parameter.ts';
import type { LayerKind } from './layer-kind.ts';

/** How an image becomes a short vector. */
export interface ImageTowerOptions {
  /** Filters of 3 × 3 pixels. */
  readonly filters: number;
  /** A filter's answers are averaged over each cell of a grid of so many by so many. */
  readonly cells: number;
  /** Numbers of the vector; absent: all averages as they are. */
  readonly units?: number;
}

/**
 * What a row's image says: rectified filters with stride 2, their means over a grid's cells, so that what stands where is kept, and a
 * projection of those, cut to ±{@link imageLimit}. All of it is fitted before training and fixed in it: it runs once for each image.
 */
export interface ImageTowerLayer extends ImageTowerOptions {
  readonly op: 'image-tower';
  readonly name: string;
}

/** Largest number in an image's vector, whose numbers have deviation 1 over the training images. */
export const imageLimit = 4;

export const imageTower: LayerKind<ImageTowerLayer> = {
  width: (layer, { inputs }) => layer.units ?? averagesOf(layer, inputs.imageSize),
  parameters: (layer, { inputs }) => {
    const { name, filters, units } = layer;
    const fans = { fanIn: 27, fanOut: 9 * filters };
    return [
      { name: `${name}.filters.kernel`, shape: [3, 3, 3, filters], initial: 'glorot' as const, ...fans },
      { name: `${name}.filters.bias`, shape: [filters], initial: 'zeros' as const, ...fans },
      ...(units === undefined ? [] : denseParameters(`${name}.out`, averagesOf(layer, inputs.imageSize), units)),
    ].map((parameter) => ({ ...parameter, fixed: true }));
  },
  apply: (layer, scope, operators) => {
    const { name, filters, cells } = layer;
    const { imageSize: size = 0 } = scope.inputs;
    return operators.perImage(name, imageTower.width(layer, scope), (pixels) => {
      const [kernel, bias] = ['kernel', 'bias'].map((part) => operators.parameter(`${name}.filters.${part}`));
      const filtered = operators.convolution(pixels, kernel!, bias!, { size, from: 3, to: filters });
      const means = operators.cellMeans(filtered, { size: halved(size), channels: filters, cells });
      if (layer.units === undefined) return means;
      const [out, shift] = ['kernel', 'bias'].map((part) => operators.parameter(`${name}.out.${part}`));
      return operators.clip(operators.dense(means, out!, shift!, false), imageLimit);
    });
  },
};

/** Cells along a side that `size` places fill whole: each is ⌈size ÷ cells⌉ wide. */
export function wholeCells(size: number, cells: number): { readonly width: number; readonly count: number } {
  const width = Math.max(1, Math.ceil(size / cells));
  return { width, count: Math.floor(size / width) };
}

function averagesOf({ filters, cells }: ImageTowerOptions, size = 0): number {
  return wholeCells(halved(size), cells).count ** 2 * filters;
}

function halved(size: number): number {
  return Math.ceil(size / 2);
}
