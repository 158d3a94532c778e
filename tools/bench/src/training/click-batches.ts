import { Draws, sigmoid } from '../quality/worlds/draws.ts';

export interface BatchOptions {
  readonly seed: number;
  readonly batches: number;
  readonly rows: number;
  readonly fields: number;
  readonly idsAField: number;
}

/** Rows of all batches, one after the other. */
export interface ClickBatches {
  /** [batches × rows, fields]; field f has the ids from f · idsAField on. */
  readonly ids: Int32Array;
  /** [batches × rows], 0 or 1. */
  readonly labels: Float32Array;
}

/**
 * Clicks that can be learnt: each id adds to the log-odds what was drawn for it, N(0, 0.3²), and ids come as often as Zipf's law with exponent
 * 1 says. The same options give the same bytes.
 */
export function clickBatches({ seed, batches, rows, fields, idsAField }: BatchOptions): ClickBatches {
  const draws = new Draws(seed);
  const effects = Float32Array.from({ length: fields * idsAField }, () => 0.3 * draws.normal());
  const rank = draws.zipf(idsAField, 1);
  const ids = new Int32Array(batches * rows * fields);
  const labels = Float32Array.from({ length: batches * rows }, (_, row) => {
    let logit = -1;
    for (let field = 0; field < fields; field += 1) {
      const id = field * idsAField + rank();
      ids[row * fields + field] = id;
      logit += effects[id]!;
    }
    return draws.uniform() < sigmoid(logit) ? 1 : 0;
  });
  return { ids, labels };
}
