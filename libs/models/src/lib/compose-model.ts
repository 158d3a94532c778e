import type { ImageTowerOptions } from './layers/image-tower.ts';
import { layersRead } from './layers/layers-read.ts';
import type { Layer } from './layers/layers.ts';
import type { ModelInputs, ModelSpec } from './model-spec.ts';
import { streamOf, type StreamOptions } from './streams/streams.ts';

/** A model beyond its inputs: the linear part that is always there, and streams over shared embeddings. */
export interface ModelOptions {
  /** Strength of the prior on the linear part's weights, in examples. */
  readonly wideL2: number;
  readonly embedding: { readonly units: number; readonly l2: number; readonly dropout: number };
  /** Each in turn; none leaves a logistic regression. */
  readonly streams: readonly StreamOptions[];
  /** How images are seen, where there are any. */
  readonly image?: ImageTowerOptions;
}

/** The layer graph. Throws `RangeError` for inputs of which there are none. */
export function composeModel(inputs: ModelInputs, options: ModelOptions): ModelSpec {
  const image = inputs.imageSize === undefined ? undefined : options.image;
  const withImage = image !== undefined;
  if (inputs.fields + inputs.dense === 0 && !withImage) throw new RangeError('a model needs something to read');
  const layers: Layer[] = [];
  const logits: string[] = [];
  if (inputs.dense > 0) layers.push({ op: 'numbers', name: 'numbers' });
  if (inputs.fields > 0) {
    layers.push({ op: 'wide', name: 'wide', l2: options.wideL2 });
    logits.push('wide');
  }
  if (withImage) layers.push({ op: 'image-tower', name: 'image', ...image });
  const linear = [...(inputs.dense > 0 ? ['numbers'] : []), ...(withImage ? ['image'] : [])];
  if (linear.length > 0) {
    layers.push(
      { op: 'concat', name: 'linear', of: linear },
      { op: 'dense', name: 'linear.logit', of: 'linear', units: 1, rectified: false, initial: 'zeros' },
    );
    logits.push('linear.logit');
  }
  if (options.streams.length > 0) {
    const { units, l2, dropout } = options.embedding;
    const parts = [...linear];
    const vectors = inputs.slots === undefined ? 'embedding' : 'pooled';
    if (inputs.fields > 0) {
      layers.push({ op: 'embedding', name: 'embedding', units, l2 });
      if (inputs.slots !== undefined) layers.push({ op: 'pool', name: 'pooled', of: 'embedding', units });
      parts.unshift(vectors);
    }
    layers.push({ op: 'concat', name: 'everything', of: parts });
    if (dropout > 0) layers.push({ op: 'dropout', name: 'kept', of: 'everything', rate: dropout });
    const input = {
      all: dropout > 0 ? 'kept' : 'everything',
      ids: inputs.fields > 0,
      linear,
      ...(inputs.fields === 0 ? {} : { embedded: { layer: 'embedding', units } }),
      ...(withImage ? { image: 'image' } : {}),
    };
    for (const one of options.streams) {
      const stream = streamOf(input, one);
      if (stream === undefined) continue;
      layers.push(...stream.layers);
      logits.push(stream.logit);
    }
  }
  const of = logits.map((layer) => ({ layer, weight: 1 }));
  layers.push({ op: 'weighted-sum', name: 'sum', of }, { op: 'bias', name: 'logit', of: 'sum' });
  return { version: 2, inputs, layers: layersRead(layers, 'logit'), logit: 'logit' };
}
