import type { Stream, StreamInput } from './stream.ts';

export interface FactorizationMachineOptions {
  readonly stream: 'factorization-machine';
}

/** Pairwise products of the fields' vectors, weighted and summed; absent without fields. Source: S. Rendle, "Factorization Machines", 2010. */
export function factorizationMachine({ embedded }: StreamInput): Stream | undefined {
  if (embedded === undefined) return undefined;
  return {
    layers: [
      { op: 'factorization', name: 'pairs', of: embedded.layer, units: embedded.units },
      { op: 'dense', name: 'pairs.logit', of: 'pairs', units: 1, rectified: false },
    ],
    logit: 'pairs.logit',
  };
}
