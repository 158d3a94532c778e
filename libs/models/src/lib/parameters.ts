import type { ModelSpec } from './model-spec.ts';

/** One parameter array of a model, row-major. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** How it begins: Glorot-uniform over fan in and out, zeros, or uniform within ±0.05 for embeddings. */
  readonly initial: 'glorot' | 'zeros' | 'embedding';
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Parameters by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Numbers that enter the cross and the deep layers. */
export function inputWidth(spec: ModelSpec): number {
  return spec.fields * spec.embeddingWidth + spec.denseWidth + (spec.image?.width ?? 0);
}

/**
 * A model's parameters in order: `embedding`; the image tower's `conv<i>.kernel` [3, 3, in, out] and `.bias`, `tower.kernel`,
 * `tower.bias`; `cross<i>.kernel` [width, width] and `.bias`; `deep<i>.kernel` and `.bias`; `out.kernel`, `out.bias`.
 */
export function parametersOf(spec: ModelSpec): readonly Parameter[] {
  const list: Parameter[] = [
    { name: 'embedding', shape: [spec.embeddingRows, spec.embeddingWidth], initial: 'embedding', fanIn: 1, fanOut: 1 },
  ];
  const layer = (
    name: string,
    fanIn: number,
    fanOut: number,
    shape: readonly number[] = [fanIn, fanOut],
    columns = fanOut,
  ): void => {
    list.push({ name: `${name}.kernel`, shape, initial: 'glorot', fanIn, fanOut });
    list.push({ name: `${name}.bias`, shape: [columns], initial: 'zeros', fanIn, fanOut });
  };
  if (spec.image !== undefined) {
    let channels = 3;
    for (const [index, next] of spec.image.channels.entries()) {
      layer(`conv${index}`, 9 * channels, 9 * next, [3, 3, channels, next], next);
      channels = next;
    }
    layer('tower', channels, spec.image.width);
  }
  const width = inputWidth(spec);
  for (let index = 0; index < spec.crossLayers; index += 1) layer(`cross${index}`, width, width);
  let deep = width;
  for (const [index, next] of spec.hidden.entries()) {
    layer(`deep${index}`, deep, next);
    deep = next;
  }
  layer('out', width + (spec.hidden.length > 0 ? deep : 0), 1);
  return list;
}
