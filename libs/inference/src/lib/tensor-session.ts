import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { undeclaredRanks } from '@adstocrat/onnx';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DamagedServable } from './damaged-servable.ts';
import { type ElementTensor, elementTypeOf, tensorOf, type Tensors, type TensorSpec } from './element-tensor.ts';
import { sessionOptions } from './onnx-session.ts';
import { RunFailed } from './run-failed.ts';

/** What a request makes a model refuse is told to its caller, and need not fill the server's log. */
const quietly: InferenceSession.RunOptions = { logSeverityLevel: 4 };

/** A plain ONNX model that runs, in this thread or another one. */
export interface TensorSession {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Every output. Inputs must be all that the model takes, of their types. Throws {@link RunFailed}. */
  run(inputs: Tensors): Promise<Tensors>;
  /** Why no run is made for a while; undefined where runs are made. */
  readonly trouble: string | undefined;
  /** Once no run is in progress. */
  close(): Promise<void>;
}

/** One that opens and runs in this thread, which does nothing else meanwhile. */
export class OnnxTensorSession implements TensorSession {
  readonly #session: InferenceSession;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly trouble = undefined;

  private constructor(session: InferenceSession, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]) {
    this.#session = session;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** Throws {@link DamagedServable} for a file that is no model which can be run, or whose inputs or outputs are no tensors. */
  static async open(path: string): Promise<OnnxTensorSession> {
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(path, sessionOptions);
    } catch (error) {
      const why = (error as Error).message.replaceAll(`${dirname(path)}/`, '');
      throw new DamagedServable(`the model cannot be loaded: ${why}`, { cause: error });
    }
    try {
      const told = [...session.inputMetadata, ...session.outputMetadata];
      const isScalar = (one: InferenceSession.ValueMetadata): boolean => one.isTensor && one.shape.length === 0;
      const unranked = told.some(isScalar) ? undeclaredRanks(readFileSync(path)) : new Set<string>();
      const specsOf = (values: readonly InferenceSession.ValueMetadata[]): readonly TensorSpec[] =>
        values.map((value) => specOf(value, unranked));
      return new OnnxTensorSession(session, specsOf(session.inputMetadata), specsOf(session.outputMetadata));
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  async run(inputs: Tensors): Promise<Tensors> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, tensor] of inputs) feeds[name] = fed(tensor);
    const outputs = await this.#session.run(feeds, quietly).catch((error: unknown) => {
      throw RunFailed.by(error);
    });
    return new Map(this.outputs.map(({ name, type }) => [name, given(type, outputs[name])]));
  }

  close(): Promise<void> {
    return this.#session.release();
  }
}

function given(type: TensorSpec['type'], tensor: Tensor | undefined): ElementTensor {
  if (tensor === undefined) throw new RangeError('the model gave no such output');
  return tensorOf(type, tensor.dims, tensor.data as unknown as ElementTensor['data']);
}

/** The native part of the runtime knows no Float16Array, and its JavaScript part makes one of every half: the bits are put in its place. */
function fed({ type, data, shape }: ElementTensor): Tensor {
  // The types are the model's: the caller sees to it.
  const tensor = new Tensor(type as 'float32', data as Float32Array, shape);
  if (data instanceof Float16Array)
    Object.assign(tensor, { cpuData: new Uint16Array(data.buffer, data.byteOffset, data.length) });
  return tensor;
}

function specOf(value: InferenceSession.ValueMetadata, unranked: ReadonlySet<string>): TensorSpec {
  const { name } = value;
  if (!value.isTensor)
    throw new DamagedServable(
      `"${name}" is no tensor but a sequence, map or optional: only tensors are served. A classifier of scikit-learn is exported with zipmap=False`,
    );
  const type = elementTypeOf(value.type);
  if (type === undefined)
    throw new DamagedServable(`"${name}" has elements of type ${value.type}, which are not served`);
  if (value.shape.length === 0 && unranked.has(name)) return { name, type };
  return { name, type, shape: value.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1)) };
}
