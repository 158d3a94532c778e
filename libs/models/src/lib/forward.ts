import type { LayerScope } from './layers/layer-kind.ts';
import { kindOf } from './layers/layers.ts';
import type { ModelSpec } from './model-spec.ts';
import type { Operators } from './operators.ts';
import type { Parameter } from './parameter.ts';

/** The logit, [rows, 1], by these operators. */
export function forward<V>(spec: ModelSpec, operators: Operators<V>): V {
  const values = new Map<string, V>();
  const scope = scopeOf(spec);
  const valueOf = (name: string): V => {
    const value = values.get(name);
    if (value === undefined) throw new RangeError(`no layer "${name}" comes before the one that reads it`);
    return value;
  };
  for (const layer of spec.layers) values.set(layer.name, kindOf(layer).apply(layer, scope, operators, valueOf));
  return valueOf(spec.logit);
}

/** All parameters of a model, layer by layer: the order of weights.bin. Throws `RangeError` for a name that is there twice. */
export function parametersOf(spec: ModelSpec): readonly Parameter[] {
  const scope = scopeOf(spec);
  return spec.layers.flatMap((layer) => kindOf(layer).parameters(layer, scope));
}

/** Widths by layer. Throws `RangeError` where two layers have one name, or one reads what does not come before it. */
function scopeOf({ inputs, layers }: ModelSpec): LayerScope {
  const widths = new Map<string, number>();
  const scope: LayerScope = {
    inputs,
    widthOf: (name) => {
      const width = widths.get(name);
      if (width === undefined) throw new RangeError(`no layer "${name}" comes before the one that reads it`);
      return width;
    },
  };
  for (const layer of layers) {
    if (widths.has(layer.name)) throw new RangeError(`two layers are called "${layer.name}"`);
    widths.set(layer.name, kindOf(layer).width(layer, scope));
  }
  return scope;
}
