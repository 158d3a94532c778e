import { type ModelSpec, parametersOf, type Weights } from '@adstocrat/models';
import { embeddingRows, type TransformGraph } from '@adstocrat/transforms';
import { areFittedPairs } from '../pairs/pair-model.ts';
import { knownIds } from './known-ids.ts';

/** A model in service, to begin the next one from. */
export interface ModelBefore {
  readonly version: number;
  readonly graph: TransformGraph;
  readonly spec: ModelSpec;
  readonly weights: Weights;
}

/** First weights taken over from a model before, or why there are none. */
export type TakenOver = { readonly weights: Weights; readonly sentence: string } | { readonly reason: string };

/** Makes first weights of a trial: its own, with those of the model before in place of what that had too. */
export class Beginnings {
  readonly #before: ModelBefore;
  readonly #graph: TransformGraph;
  readonly #known: Int32Array;

  constructor(before: ModelBefore, graph: TransformGraph) {
    this.#before = before;
    this.#graph = graph;
    this.#known = knownIds(before.graph, graph);
  }

  /**
   * Ids that were known keep their rows, new ones have `own`'s. The weights are those of the first part of the served model, which may be a blend,
   * that has the same parameters in the same shapes and was trained by steps: what was fitted as a whole was fitted again on validation rows, which
   * may be among those that judge now.
   */
  for(spec: ModelSpec, own: Weights): TakenOver {
    const { version, graph, weights } = this.#before;
    const refuse = (reason: string): TakenOver => ({
      reason: `begins anew: ${reason} (version ${version} is in service)`,
    });
    if (spec.inputs.imageSize !== undefined) return refuse('what images say is worked out anew in each run');
    if (JSON.stringify(graph.dense) !== JSON.stringify(this.#graph.dense)) return refuse('its numbers are others');
    const rowsBefore = embeddingRows(graph);
    let reason = 'the model in service has other layers';
    for (const prefix of prefixesOf(this.#before.spec)) {
      const grown = new Map(own);
      let fits = true;
      for (const { name, shape, table } of parametersOf(spec)) {
        const old = weights.get(prefix + name);
        const width = table === undefined ? 0 : shape[1]!;
        const size = table === undefined ? shape.reduce((a, b) => a * b, 1) : rowsBefore * width;
        if (old?.length === size) grown.set(name, table === undefined ? old : this.#rowsOf(old, own.get(name)!, width));
        else if (old === undefined) fits = false;
        else [fits, reason] = [false, `"${name}" has another shape`];
        if (!fits) break;
      }
      if (fits && areFittedPairs(weights, prefix)) [fits, reason] = [false, 'its pairs were fitted as a whole'];
      if (fits) return { weights: grown, sentence: `begins from version ${version}, ${this.#shareKnown()}` };
    }
    return refuse(reason);
  }

  #rowsOf(old: Float32Array, own: Float32Array, width: number): Float32Array {
    const grown = own.slice();
    for (const [id, was] of this.#known.entries())
      if (was >= 0) grown.set(old.subarray(was * width, (was + 1) * width), id * width);
    return grown;
  }

  #shareKnown(): string {
    const known = this.#known.reduce((sum, was) => sum + (was < 0 ? 0 : 1), 0);
    return `${known} of its ${this.#known.length} ids known`;
  }
}

/** What the names of one model begin with: nothing, or in a blend each part's own prefix, see `blendModels`. */
function prefixesOf({ layers }: ModelSpec): readonly string[] {
  const prefixes = layers.flatMap(({ name }) => /^model\d+\./.exec(name)?.[0] ?? []);
  return prefixes.length === 0 ? [''] : [...new Set(prefixes)];
}
