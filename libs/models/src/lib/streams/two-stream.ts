import { z } from 'zod';
import { type HiddenLayerOptions, hiddenLayerParameters, hiddenLayers, hiddenWidths } from './hidden-layers.ts';
import type { Stream, StreamInput } from './stream.ts';

export interface TwoStreamOptions extends HiddenLayerOptions {
  readonly stream: 'two-stream';
  readonly left: readonly number[];
  readonly right: readonly number[];
}

export const twoStreamOptions = z.strictObject({
  stream: z.literal('two-stream'),
  left: hiddenWidths.min(1),
  right: hiddenWidths.min(1),
  ...hiddenLayerParameters,
}) satisfies z.ZodType<TwoStreamOptions>;

/** Two towers over everything, and what they say together. Source: K. Mao et al., "FinalMLP", 2023, without its gates. */
export function twoStream({ all }: StreamInput, options: TwoStreamOptions): Stream {
  const left = hiddenLayers('left', all, options.left, options);
  const right = hiddenLayers('right', all, options.right, options);
  return {
    layers: [
      ...left.layers,
      ...right.layers,
      { op: 'bilinear', name: 'together', left: left.last, right: right.last },
      { op: 'concat', name: 'streams', of: [left.last, right.last] },
      { op: 'dense', name: 'streams.logit', of: 'streams', units: 1, rectified: false },
      {
        op: 'weighted-sum',
        name: 'two-stream.logit',
        of: [
          { layer: 'together', weight: 1 },
          { layer: 'streams.logit', weight: 1 },
        ],
      },
    ],
    logit: 'two-stream.logit',
  };
}
