import type { ModelSpec, Weights } from '@adstocrat/models';
import type { Look } from './look.ts';

/** A candidate's best look, with the weights that gave it. */
export interface BestLook extends Look {
  readonly weights: Weights;
}

/** A model that a run may serve. */
export interface Candidate {
  readonly name: string;
  readonly spec: ModelSpec;
  /** Undefined before the first look, and where a look was not finite. */
  readonly best: BestLook | undefined;
  /** Epochs it was trained for, and epochs until its best look. */
  readonly epochs: number;
  readonly bestEpoch: number;
  /** What its first weights are, where it might have begun from the model in service. */
  readonly beginning?: string | undefined;
  /** Steps after which its numbers were not finite and it went on from its best look. */
  readonly wentBack?: readonly number[];
  /** The step after which its numbers were not finite once too often; what counts is the best look before. */
  readonly failedAtStep?: number | undefined;
  /** What each look showed; empty for a model that is fitted at once. */
  readonly curve: readonly CurvePoint[];
}

/** One look. */
export interface CurvePoint {
  readonly epoch: number;
  /** Mean over the stretch so far; absent before the first step. */
  readonly trainLoss?: number;
  /** On the validation rows, calibrated. */
  readonly loss: number;
  readonly auc: number;
}
