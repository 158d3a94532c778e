import { splitMix32 } from '@adstocrat/models';
import type { TransformGraph } from '@adstocrat/transforms';

/** Share of known values that a training step takes for unknown ones. */
export const forgottenShare = 0.05;

/**
 * Turns known values of a batch into unknown ones, by chance: each id becomes, with {@link forgottenShare}, one of its
 * field's out-of-vocabulary ids where the field has any. So those ids are trained although training rows seldom hold one, and a row is learned to be
 * told from what else it says. Item tables of ads turn over, and what is new in service is judged by these ids.
 * Which ones is drawn from seed and step alone, so that a run that goes on after a kill forgets what it would have forgotten.
 * Source of the idea: M. Volkovs et al., "DropoutNet: Addressing Cold Start in Recommender Systems", 2017.
 */
export function valueForgetter(graph: TransformGraph, seed: number): (ids: Int32Array, step: number) => void {
  const fields = graph.fields.map(({ offset, unknown }) =>
    unknown === undefined
      ? undefined
      : { missing: offset, firstUnknown: offset + unknown.first, buckets: unknown.count },
  );
  return (ids, step) => {
    // Mixed twice: generators of seeds near to each other must not be one sequence, shifted.
    const bits = splitMix32(splitMix32(Math.imul(seed, 0x9e3779b9) ^ splitMix32(step)())());
    const next = (): number => bits() / 2 ** 32;
    for (let at = 0; at < ids.length; at += 1) {
      const field = fields[at % fields.length];
      if (field !== undefined && ids[at] !== field.missing && next() < forgottenShare)
        ids[at] = field.firstUnknown + Math.floor(next() * field.buckets);
    }
  };
}
