import { denseParameters, type Parameter } from '../parameter.ts';
import type { LayerKind } from './layer-kind.ts';

/** What a row's image says: 3 × 3 convolutions of stride 2 with rectifiers, global average pooling, a rectified dense layer. */
export interface ImageTowerLayer {
  readonly op: 'image-tower';
  readonly name: string;
  /** Of each convolution. */
  readonly channels: readonly number[];
  readonly units: number;
}

export const imageTower: LayerKind<ImageTowerLayer> = {
  width: ({ units }) => units,
  parameters: ({ name, channels, units }) => [
    ...channels.flatMap((to, index): readonly Parameter[] => {
      const from = channels[index - 1] ?? 3;
      const fans = { fanIn: 9 * from, fanOut: 9 * to };
      return [
        { name: `${name}.convolution${index}.kernel`, shape: [3, 3, from, to], initial: 'glorot', ...fans },
        { name: `${name}.convolution${index}.bias`, shape: [to], initial: 'zeros', ...fans },
      ];
    }),
    ...denseParameters(`${name}.out`, channels.at(-1) ?? 3, units),
  ],
  apply: ({ name, channels, units }, { inputs }, operators) =>
    operators.perImage(name, units, (pixels) => {
      let value = pixels;
      let size = inputs.imageSize ?? 0;
      for (const [index, to] of channels.entries()) {
        const [kernel, bias] = ['kernel', 'bias'].map((part) =>
          operators.parameter(`${name}.convolution${index}.${part}`),
        );
        value = operators.convolution(value, kernel!, bias!, { size, from: channels[index - 1] ?? 3, to });
        size = Math.ceil(size / 2);
      }
      return operators.dense(
        operators.averagePool(value, channels.at(-1) ?? 3),
        operators.parameter(`${name}.out.kernel`),
        operators.parameter(`${name}.out.bias`),
        true,
      );
    }),
};
