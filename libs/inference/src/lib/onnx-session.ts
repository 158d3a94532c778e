import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Rows of one run, at most: up to here a row's result was seen not to depend on the rows beside it, bit for bit. */
export const maxRunRows = 128;

/** What a model is given, by name. Row-major; the first dimension is the rows. */
export type ModelTensors = Readonly<
  Record<string, { readonly data: Float32Array | Int32Array; readonly shape: readonly number[] }>
>;

/** How models run here. */
export const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  // Memory of the largest batch would stay taken for good.
  enableCpuMemArena: false,
  logSeverityLevel: 3,
};

/** A model with one output, run on one thread, so that requests beside each other do not fight over cores. */
export class OnnxSession {
  readonly #session: InferenceSession;
  readonly #output: string;
  readonly inputs: readonly string[];

  private constructor(session: InferenceSession) {
    this.#session = session;
    this.inputs = session.inputNames;
    this.#output = session.outputNames[0] ?? '';
  }

  /** Throws what the runtime says of bytes that are no model it can run. */
  static async open(model: Uint8Array): Promise<OnnxSession> {
    return new OnnxSession(await InferenceSession.create(model, sessionOptions));
  }

  /** Runs on inputs that the model names, others are left out. */
  async run(inputs: ModelTensors): Promise<Float32Array> {
    const feeds: Record<string, Tensor> = {};
    for (const name of this.inputs) {
      const input = inputs[name];
      if (input === undefined) throw new RangeError(`the model asks for an input "${name}" that no one gives`);
      feeds[name] =
        input.data instanceof Int32Array
          ? new Tensor('int32', input.data, input.shape)
          : new Tensor('float32', input.data, input.shape);
    }
    const output = (await this.#session.run(feeds))[this.#output];
    return output?.data as Float32Array;
  }

  close(): Promise<void> {
    return this.#session.release();
  }
}
