import { z } from 'zod';
import type { Layer } from '../layers/layers.ts';
import type { Stream, StreamInput } from './stream.ts';

export interface FactorizationMachineOptions {
  readonly stream: 'factorization-machine';
}

export const factorizationMachineOptions = z.strictObject({
  stream: z.literal('factorization-machine'),
}) satisfies z.ZodType<FactorizationMachineOptions>;

/**
 * Pairwise products of all ids' vectors, those of one list among them, weighted and summed; absent without fields. The image is one more field, projected to a vector: what an id and an image
 * say together holds for an image never seen. Source: S. Rendle, "Factorization Machines", 2010.
 */
export function factorizationMachine({ embedded, image }: StreamInput): Stream | undefined {
  if (embedded === undefined) return undefined;
  const { layer, units } = embedded;
  const seen: readonly Layer[] =
    image === undefined
      ? []
      : [
          { op: 'dense', name: 'pairs.image', of: image, units, rectified: false },
          { op: 'concat', name: 'pairs.fields', of: [layer, 'pairs.image'] },
        ];
  return {
    layers: [
      ...seen,
      { op: 'factorization', name: 'pairs', of: image === undefined ? layer : 'pairs.fields', units },
      { op: 'dense', name: 'pairs.logit', of: 'pairs', units: 1, rectified: false },
    ],
    logit: 'pairs.logit',
  };
}
