import type { Layer } from '../layers/layers.ts';

/** Rectified layers, each with dropout behind it. `last` is `of` where there are none. */
export function hiddenLayers(
  name: string,
  of: string,
  units: readonly number[],
  dropout: number,
): { readonly layers: readonly Layer[]; readonly last: string } {
  const layers: Layer[] = [];
  let last = of;
  for (const [index, width] of units.entries()) {
    layers.push({ op: 'dense', name: `${name}${index}`, of: last, units: width, rectified: true });
    last = `${name}${index}`;
    if (dropout > 0) {
      layers.push({ op: 'dropout', name: `${last}.kept`, of: last, rate: dropout });
      last = `${last}.kept`;
    }
  }
  return { layers, last };
}
