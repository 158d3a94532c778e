import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { loadTensorflow } from './load-tensorflow.ts';

/** What tfjs-node's backend offers beyond its public types: any TensorFlow op by name. */
interface Backend {
  readonly binding: Readonly<
    Record<
      'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_STRING' | 'TF_ATTR_SHAPE' | 'TF_ATTR_INT' | 'TF_FLOAT' | 'TF_INT32',
      number
    >
  >;
  readonly isUsingGpuDevice: boolean;
  executeSingleOutput(op: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
  executeMultipleOutputs(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** Of the process: TensorFlow takes two variables of one name for one. */
let variables = 0;

/**
 * Typed access to the TensorFlow ops that training needs and tfjs does not expose: resource variables that live in
 * TensorFlow and are updated in place, sparse scatters, fused Adam, and matrix products without the batch dimension.
 */
export class NativeOps {
  readonly #backend: Backend;

  constructor() {
    this.#backend = loadTensorflow().backend() as unknown as Backend;
  }

  matMul(a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor {
    return this.#one(
      'MatMul',
      [this.#float('T'), this.#bool('transpose_a', transposeA), this.#bool('transpose_b', transposeB)],
      [a, b],
    );
  }

  biasAdd(value: Tensor, bias: Tensor): Tensor {
    return this.#one('BiasAdd', [this.#float('T'), this.#text('data_format', 'NHWC')], [value, bias]);
  }

  biasAddGradient(gradient: Tensor): Tensor {
    return this.#one('BiasAddGrad', [this.#float('T'), this.#text('data_format', 'NHWC')], [gradient]);
  }

  relu(value: Tensor): Tensor {
    return this.#one('Relu', [this.#float('T')], [value]);
  }

  reluGradient(gradient: Tensor, output: Tensor): Tensor {
    return this.#one('ReluGrad', [this.#float('T')], [gradient, output]);
  }

  /** Uniform in [0, 1), the same for the same two seeds whatever was drawn before. */
  uniform(shape: readonly number[], seed: number, step: number): Tensor {
    const tf = loadTensorflow();
    const seeds = { name: 'Tseed', type: this.#backend.binding.TF_ATTR_TYPE, value: this.#backend.binding.TF_INT32 };
    return this.#one(
      'StatelessRandomUniform',
      [this.#float('dtype'), this.#int('T'), seeds],
      [tf.tensor1d([...shape], 'int32'), tf.tensor1d([seed, step], 'int32')],
    );
  }

  /** A float variable that TensorFlow holds, with this value; the tensor is disposed. The handle is kept until disposed. */
  variable(initial: Tensor): Tensor {
    variables += 1;
    const name = `adstocrat-${process.pid}-${variables}`;
    const shape = { name: 'shape', type: this.#backend.binding.TF_ATTR_SHAPE, value: initial.shape };
    const handle = this.#one(
      'VarHandleOp',
      [this.#text('container', ''), this.#text('shared_name', name), this.#float('dtype'), shape],
      [],
    );
    this.assign(handle, initial);
    initial.dispose();
    return loadTensorflow().keep(handle);
  }

  assign(handle: Tensor, value: Tensor): void {
    this.#none('AssignVariableOp', [this.#float('dtype')], [handle, value]);
  }

  read(handle: Tensor): Tensor {
    return this.#one('ReadVariableOp', [this.#float('dtype')], [handle]);
  }

  /** Frees the variable's memory and the handle. */
  destroy(handle: Tensor): void {
    this.#none('DestroyResourceOp', [this.#bool('ignore_lookup_error', true)], [handle]);
    handle.dispose();
  }

  /** Rows of a variable: [n] → [n, width]. */
  gatherRows(handle: Tensor, rows: Tensor): Tensor {
    const batch = { name: 'batch_dims', type: this.#backend.binding.TF_ATTR_INT, value: 0 };
    return this.#one(
      'ResourceGather',
      [this.#float('dtype'), this.#int('Tindices'), batch, this.#bool('validate_indices', true)],
      [handle, rows],
    );
  }

  updateRows(handle: Tensor, rows: Tensor, values: Tensor): void {
    this.#none('ResourceScatterUpdate', [this.#float('dtype'), this.#int('Tindices')], [handle, rows, values]);
  }

  /** Distinct values in order of appearance, and where each value stands among them. */
  unique(values: Tensor): readonly [distinct: Tensor, index: Tensor] {
    const [distinct, index] = this.#backend.executeMultipleOutputs(
      'Unique',
      [this.#int('T'), this.#int('out_idx')],
      [values],
      2,
    );
    return [distinct!, index!];
  }

  /**
   * Sums rows that have one index, in their order: by index [n], values [n, width] → [count, width]. On a CPU by the gradient of a sum over
   * segments, which is the same sum to the last bit in half of the time that TensorFlow's own takes.
   */
  rowSums(index: Tensor, count: number): (values: Tensor) => Tensor {
    const tf = loadTensorflow();
    if (this.#backend.isUsingGpuDevice)
      return (values) => tf.unsortedSegmentSum(values as never, index as never, count);
    const rest = [index, tf.range(0, index.size, 1, 'int32'), tf.scalar(count, 'int32')];
    const types = [this.#float('T'), this.#int('Tidx'), this.#int('Tsegmentids')];
    return (values) => this.#one('SparseSegmentSumGrad', types, [values, ...rest]);
  }

  /** One fused Adam update in place. Scalars: beta1^t, beta2^t, learning rate, beta1, beta2, epsilon. */
  applyAdam(variable: Tensor, first: Tensor, second: Tensor, scalars: readonly Tensor[], gradient: Tensor): void {
    this.#none(
      'ResourceApplyAdam',
      [this.#float('T'), this.#bool('use_locking', false), this.#bool('use_nesterov', false)],
      [variable, first, second, ...scalars, gradient],
    );
  }

  #one(op: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor {
    return this.#backend.executeSingleOutput(op, attributes, inputs);
  }

  #none(op: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): void {
    this.#backend.executeMultipleOutputs(op, attributes, inputs, 0);
  }

  #float(name: string): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_TYPE, value: this.#backend.binding.TF_FLOAT };
  }

  #int(name: string): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_TYPE, value: this.#backend.binding.TF_INT32 };
  }

  #bool(name: string, value: boolean): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_BOOL, value };
  }

  #text(name: string, value: string): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_STRING, value };
  }
}
