import type { LayerKind } from './layer-kind.ts';

/** Layers side by side. */
export interface ConcatLayer {
  readonly op: 'concat';
  readonly name: string;
  readonly of: readonly string[];
}

export const concat: LayerKind<ConcatLayer> = {
  width: ({ of }, { widthOf }) => of.reduce((sum, layer) => sum + widthOf(layer), 0),
  parameters: () => [],
  apply: ({ of }, _scope, operators, valueOf) => {
    const [first, ...others] = of.map(valueOf);
    if (first === undefined) throw new RangeError('there is nothing to put side by side');
    return others.length === 0 ? first : operators.concat([first, ...others]);
  },
};
