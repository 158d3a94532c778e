import { z } from 'zod';
import type { Layer } from '../layers/layers.ts';
import { type HiddenLayerOptions, hiddenLayerParameters, hiddenLayers, hiddenWidths } from './hidden-layers.ts';
import type { Stream, StreamInput } from './stream.ts';

export interface CrossNetworkOptions extends HiddenLayerOptions {
  readonly stream: 'cross-network';
  readonly crossLayers: number;
  readonly hidden: readonly number[];
}

export const crossNetworkOptions = z.strictObject({
  stream: z.literal('cross-network'),
  crossLayers: z.number().int().min(0).max(8),
  hidden: hiddenWidths,
  ...hiddenLayerParameters,
}) satisfies z.ZodType<CrossNetworkOptions>;

/** Cross layers beside hidden layers, both over everything. Source: R. Wang et al., "DCN V2", 2021, in parallel. */
export function crossNetwork({ all }: StreamInput, options: CrossNetworkOptions): Stream {
  const layers: Layer[] = [];
  let crossed = all;
  for (let index = 0; index < options.crossLayers; index += 1) {
    layers.push({ op: 'cross', name: `cross${index}`, first: all, of: crossed });
    crossed = `cross${index}`;
  }
  const deep = hiddenLayers('deep', all, options.hidden, options);
  layers.push(...deep.layers);
  const ends = options.hidden.length === 0 ? [crossed] : [crossed, deep.last];
  layers.push(
    { op: 'concat', name: 'crossed', of: ends },
    { op: 'dense', name: 'cross.logit', of: 'crossed', units: 1, rectified: false },
  );
  return { layers, logit: 'cross.logit' };
}
