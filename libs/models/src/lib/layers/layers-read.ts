import type { Layer } from './layers.ts';

/** The layers that a layer's value depends on, itself among them, in their order. */
export function layersRead(layers: readonly Layer[], last: string): readonly Layer[] {
  const read = new Set([last]);
  for (const layer of layers.toReversed()) {
    if (read.has(layer.name)) for (const name of namesIn(layer)) read.add(name);
  }
  return layers.filter(({ name }) => read.has(name));
}

/** Every text of a layer but its op and how it begins is a name. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'op' || key === 'initial' ? [] : namesIn(inner)));
}
