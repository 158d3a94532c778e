import type { Layer } from './layers/layers.ts';

/** What a model is given for each row. */
export interface ModelInputs {
  /** Ids a row; rows of the id space: the sum of the fields' sizes. */
  readonly fields: number;
  readonly idRows: number;
  /** Ids of each feature in turn, where some have several: they sum to `fields`. Absent: one each. */
  readonly slots?: readonly number[];
  /** Numbers a row. */
  readonly dense: number;
  /** Width and height of the row's image, where there is one. */
  readonly imageSize?: number;
}

/** A model as plain data, `model-spec.json`: layers in order, each of which may read the ones before it. */
export interface ModelSpec {
  readonly version: 2;
  readonly inputs: ModelInputs;
  readonly layers: readonly Layer[];
  /** Name of the layer, one wide, that gives the logit. */
  readonly logit: string;
}

/** The images that a model takes: their size, and the numbers that its towers make of one. */
export interface ImageInput {
  readonly size: number;
  readonly width: number;
}

/** Features that give ids: what streams read a vector of. */
export function featuresOf({ fields, slots }: Pick<ModelInputs, 'fields' | 'slots'>): number {
  return slots?.length ?? fields;
}

/** Undefined for a model that takes no images. */
export function imageInput({ inputs, layers }: ModelSpec): ImageInput | undefined {
  const towers = layers.filter((layer) => layer.op === 'image-tower');
  if (towers.length === 0 || inputs.imageSize === undefined) return undefined;
  return { size: inputs.imageSize, width: towers.reduce((sum, { units = 0 }) => sum + units, 0) };
}
