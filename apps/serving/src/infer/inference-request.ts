import type { InputTensors } from './tensor.ts';

/** The model and version that a request asks for; neither version nor label: the split in force decides. */
export interface ModelTarget {
  readonly model: string;
  readonly version?: number;
  readonly label?: string;
}

/** How a request came: for metrics. */
export type Protocol = 'tensorflow-grpc' | 'tensorflow-rest' | 'v2-grpc' | 'v2-rest' | 'click-grpc' | 'click-rest';

/** One request, decoded, in no protocol's words. */
export interface InferenceRequest extends ModelTarget {
  readonly protocol: Protocol;
  /** The caller's name for it: a row without a prediction id of its own gets `ID/ROW`. */
  readonly id?: string;
  readonly inputs: InputTensors;
  /** False keeps the rows out of the prediction log: they are shown to nobody. */
  readonly log: boolean;
  /** True asks for the rows' ids also where they are not logged. */
  readonly wantsIds: boolean;
  /** Whose it is, as its limits know it: callers have turns at what takes long. Absent: nobody's in particular. */
  readonly caller?: string;
  /** Aborts when nobody waits for the answer any more: it is not logged then. */
  readonly signal: AbortSignal;
  /** Unix milliseconds of the wall clock after which nobody waits. */
  readonly deadlineMs?: number;
}

export interface InferenceAnswer {
  readonly model: string;
  readonly version: number;
  /** One a row, in [0, 1]. */
  readonly scores: Float32Array;
  /** One a row; absent where the rows are not logged and nobody asked. */
  readonly predictionIds?: readonly string[];
}
