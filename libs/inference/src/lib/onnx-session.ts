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

/** Of a prepared model: its weights are used where they lie. */
const preparedOptions: InferenceSession.SessionOptions = {
  ...sessionOptions,
  graphOptimizationLevel: 'disabled',
  extra: {
    session: {
      load_model_format: 'ORT',
      use_ort_model_bytes_directly: '1',
      use_ort_model_bytes_for_initializers: '1',
    },
  },
};

/** A model that runs. */
export interface ModelSession {
  /** Runs on inputs that the model names, others are left out. */
  run(inputs: ModelTensors): Promise<Float32Array>;
  close(): Promise<void>;
}

/** A model with one output, run on one thread, so that requests beside each other do not fight over cores. */
export class OnnxSession implements ModelSession {
  readonly #session: InferenceSession;
  readonly #output: string;
  readonly inputs: readonly string[];
  /** Of a prepared model, whose weights are used where they lie: as long as the session is there, they are. */
  readonly bytes: Uint8Array | undefined;

  private constructor(session: InferenceSession, bytes?: Uint8Array) {
    this.#session = session;
    this.bytes = bytes;
    this.inputs = session.inputNames;
    this.#output = session.outputNames[0] ?? '';
  }

  /**
   * `prepared`: a file to be written, in which the runtime says what it made of the model. Throws what the runtime says of bytes that are
   * no model it can run.
   */
  static async open(model: Uint8Array, prepared?: string): Promise<OnnxSession> {
    const written = prepared === undefined ? {} : { optimizedModelFilePath: prepared };
    return new OnnxSession(await InferenceSession.create(model, { ...sessionOptions, ...written }));
  }

  /** Of a `PreparedTwin` of this process. The bytes are not to be changed any more. */
  static async openPrepared(prepared: Uint8Array): Promise<OnnxSession> {
    return new OnnxSession(await InferenceSession.create(prepared, preparedOptions), prepared);
  }

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
