import type { LayerKind } from './layer-kind.ts';

/**
 * Each number brought to mean 0 and variance 1, then scaled and shifted as learned, then max(0, ·) where rectified. In training by the batch's own mean and
 * variance, else by those that training came to. Source: S. Ioffe and C. Szegedy, "Batch Normalization", 2015.
 */
export interface BatchNormLayer {
  readonly op: 'batch-norm';
  readonly name: string;
  readonly of: string;
  readonly rectified: boolean;
}

export const batchNorm: LayerKind<BatchNormLayer> = {
  width: ({ of }, { widthOf }) => widthOf(of),
  parameters: ({ name, of }, { widthOf }) => {
    const [width, fans] = [widthOf(of), { fanIn: 1, fanOut: 1 }];
    return [
      { name: `${name}.scale`, shape: [width], initial: 'ones', ...fans },
      { name: `${name}.shift`, shape: [width], initial: 'zeros', ...fans },
      { name: `${name}.mean`, shape: [width], initial: 'zeros', ...fans, isStatistic: true },
      { name: `${name}.variance`, shape: [width], initial: 'ones', ...fans, isStatistic: true },
    ];
  },
  apply: ({ name, of, rectified }, _scope, operators, valueOf) => {
    const part = (which: string): string => `${name}.${which}`;
    const [scale, shift] = [operators.parameter(part('scale')), operators.parameter(part('shift'))];
    return operators.batchNorm(valueOf(of), {
      scale,
      shift,
      mean: part('mean'),
      variance: part('variance'),
      rectified,
    });
  },
};
