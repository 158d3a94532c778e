import type { ModelOptions } from '@adstocrat/models';

/** One way to train: what a model has beside its linear part, and how its optimizer goes. */
export interface Setting extends Omit<ModelOptions, 'wideL2' | 'image'> {
  readonly name: string;
  /** Of Adam; the last phase lets it fall to 0. */
  readonly learningRate: number;
}
