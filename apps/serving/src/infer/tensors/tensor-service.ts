import { refuseWait, ResourceExhausted, Unavailable } from '@adstocrat/service-kit';
import { RunFailed, SessionEnded, TensorModel, type Tensors } from '@adstocrat/inference';
import type { ModelTable } from '../../models/model-table.ts';
import { type InferenceLimits, refuseLate } from '../admit.ts';
import { BadInput, VersionNotAvailable } from '../inference-failure.ts';
import { InferenceMetrics } from '../inference-metrics.ts';
import type { InferenceRequest } from '../inference-request.ts';

/** A request to a plain ONNX model. Its inputs are all that the version takes: `checkTensors` sees to it. */
export interface TensorRequest extends Pick<InferenceRequest, 'protocol' | 'signal' | 'deadlineMs'> {
  readonly model: string;
  readonly version: number;
  readonly inputs: Tensors;
}

export interface TensorAnswer {
  readonly model: string;
  readonly version: number;
  readonly outputs: Tensors;
  /** First dimension of the inputs where it counts rows, else 1. */
  readonly rows: number;
}

/** Answers requests to plain ONNX models. They are no predictions of a click: nothing of them is logged, and rows have no ids. */
export class TensorService {
  readonly #models: ModelTable;
  readonly #metrics: InferenceMetrics;
  readonly #targetMs: number;
  readonly limits: InferenceLimits;

  /** `targetMs`: most that a request may wait for those before it, wall milliseconds; Infinity: what its own deadline leaves. */
  constructor(options: { readonly models: ModelTable; readonly limits: InferenceLimits; readonly targetMs: number }) {
    this.#targetMs = options.targetMs;
    this.#models = options.models;
    this.#metrics = new InferenceMetrics(options.models);
    // A request is bounded by its elements: the first dimension of an image is no row.
    this.limits = { ...options.limits, rows: options.limits.values };
  }

  /** Throws an `InferenceFailure`, or service-kit's `RetryLater`, `ResourceExhausted` or `Cancelled`. */
  async infer(request: TensorRequest): Promise<TensorAnswer> {
    const begunMs = performance.now();
    try {
      const answer = await this.#infer(request);
      this.#metrics.answered(request, answer, performance.now() - begunMs);
      return answer;
    } catch (error) {
      this.#metrics.failed(request, error, performance.now() - begunMs);
      throw error;
    }
  }

  async #infer(request: TensorRequest): Promise<TensorAnswer> {
    refuseLate(request);
    const { model, version, inputs } = request;
    const lease = this.#models.get(model)?.lease(version);
    if (lease === undefined || !(lease.loaded instanceof TensorModel)) {
      lease?.release();
      throw new VersionNotAvailable(model, version, true);
    }
    const { loaded } = lease;
    try {
      const leftMs = (request.deadlineMs ?? Infinity) - Date.now();
      if (Math.min(leftMs, this.#targetMs) < Infinity)
        refuseWait(loaded.waitMs(inputs), { targetMs: this.#targetMs, leftMs });
      const outputs = await loaded.run(inputs, () => refuseLate(request));
      // What is late is not served.
      refuseLate(request);
      const [first] = inputs.values();
      // Rows of nothing are none.
      const rows = first?.data.length === 0 ? 0 : (first?.shape[0] ?? 1);
      return { model, version, outputs, rows: loaded.hasRows ? rows : 1 };
    } catch (error) {
      if (error instanceof RunFailed) throw failureOf(error);
      if (error instanceof SessionEnded) throw new Unavailable(error.message, { cause: error });
      throw error;
    } finally {
      lease.release();
    }
  }
}

/** What its inputs made it refuse is the caller's to mend. What is the engine's own is told to the log alone. */
function failureOf(error: RunFailed): Error {
  const { of, message } = error;
  if (of === 'inputs') return new BadInput('run', '', `the model does not take these inputs: ${cut(message)}`);
  if (of === 'memory')
    return new ResourceExhausted(`there is no memory for what the model makes of these inputs: ${cut(message)}`, {
      cause: error,
    });
  return error;
}

function cut(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
