import { z } from 'zod';
import type { Layer } from '../layers/layers.ts';

/** What hidden layers have beside their weights. */
export interface HiddenLayerOptions {
  /** Share of each layer's values that a step of training leaves out, in [0, 1). */
  readonly dropout: number;
  /** Values are brought to mean 0 and variance 1 by batch before they are rectified. */
  readonly batchNorm?: boolean | undefined;
}

/** Widths of hidden layers, as a task says them. */
export const hiddenWidths = z.array(z.number().int().positive().max(4096)).max(8);

/** {@link HiddenLayerOptions}, as a task says them. */
export const hiddenLayerParameters = {
  dropout: z.number().min(0).lt(1),
  batchNorm: z.boolean().optional(),
};

/** Rectified layers, each with dropout behind it. `last` is `of` where there are none. */
export function hiddenLayers(
  name: string,
  of: string,
  units: readonly number[],
  { dropout, batchNorm = false }: HiddenLayerOptions,
): { readonly layers: readonly Layer[]; readonly last: string } {
  const layers: Layer[] = [];
  let last = of;
  const add = (layer: Layer): void => {
    layers.push(layer);
    last = layer.name;
  };
  for (const [index, width] of units.entries()) {
    const own = `${name}${index}`;
    add({ op: 'dense', name: own, of: last, units: width, rectified: !batchNorm });
    if (batchNorm) add({ op: 'batch-norm', name: `${own}.normal`, of: last, rectified: true });
    if (dropout > 0) add({ op: 'dropout', name: `${own}.kept`, of: last, rate: dropout });
  }
  return { layers, last };
}
