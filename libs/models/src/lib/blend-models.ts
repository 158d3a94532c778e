import type { Layer } from './layers/layers.ts';
import type { ModelSpec } from './model-spec.ts';
import type { Weights } from './parameter.ts';

/** A fitted model and what its logit counts in a blend. */
export interface BlendPart {
  readonly spec: ModelSpec;
  readonly weights: Weights;
  readonly share: number;
}

/** One model whose logit is Σ share · logit over models of the same inputs, each kept whole under a prefix of its own. Throws `RangeError` for none. */
export function blendModels(parts: readonly BlendPart[]): { readonly spec: ModelSpec; readonly weights: Weights } {
  const first = parts[0];
  if (first === undefined) throw new RangeError('a blend needs a model');
  if (parts.length === 1 && first.share === 1) return first;
  const layers: Layer[] = [];
  const weights = new Map<string, Float32Array>();
  const of: { layer: string; weight: number }[] = [];
  for (const [index, part] of parts.entries()) {
    const named = (name: string): string => `model${index}.${name}`;
    for (const layer of part.spec.layers) layers.push(renamed(layer, named));
    for (const [name, values] of part.weights) weights.set(named(name), values);
    of.push({ layer: named(part.spec.logit), weight: part.share });
  }
  layers.push({ op: 'weighted-sum', name: 'blend', of });
  return { spec: { version: 2, inputs: first.spec.inputs, layers, logit: 'blend' }, weights };
}

/** The layer and what it reads, under other names: every text of a layer but its op is a name. */
function renamed(layer: Layer, named: (name: string) => string): Layer {
  const rename = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return key === 'op' || key === 'initial' ? value : named(value);
    if (Array.isArray(value)) return value.map((one: unknown) => rename(one, key));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, rename(one, inner)]));
    return value;
  };
  return rename(layer, '') as Layer;
}
