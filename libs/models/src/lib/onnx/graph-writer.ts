import type { OnnxAttribute, OnnxNode, OnnxTensor } from '@adstocrat/onnx';
import type { ModelSpec } from '../model-spec.ts';
import { wholeCells } from '../layers/image-tower.ts';
import { batchNormEpsilon, type Operators } from '../operators.ts';
import { parametersOf } from '../forward.ts';
import type { Weights } from '../parameter.ts';
import { slotRuns } from '../slot-runs.ts';
import { writeCrosses } from './write-crosses.ts';
import { treeAttributes } from './tree-attributes.ts';

/** Where a model's images come from: a graph that scores is given the towers' vectors, the towers' own graph makes them. */
export type ImageSource = (layer: string, units: number, tower: (pixels: string) => string) => string;

/** {@link Operators} that write ONNX nodes: values are names. Only constants that a node reads are kept. */
export class OnnxGraphWriter implements Operators<string> {
  readonly nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxTensor>();
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #weights: Weights;
  readonly #images: ImageSource;

  constructor(spec: ModelSpec, weights: Weights, images: ImageSource) {
    this.#shapes = new Map(parametersOf(spec).map(({ name, shape }) => [name, shape]));
    this.#weights = weights;
    this.#images = images;
  }

  get constants(): readonly OnnxTensor[] {
    return [...this.#constants.values()];
  }

  parameter(name: string): string {
    return name;
  }

  lookUp(table: string, fields: number, width: number): string {
    const rows = this.node('Gather', [this.#stored(table), 'ids']);
    return this.node('Reshape', [rows, this.integers([-1, fields * width])]);
  }

  numbers(): string {
    return 'dense';
  }

  dense(x: string, kernel: string, bias: string, rectified: boolean): string {
    const sum = this.node('Gemm', [x, this.#stored(kernel), this.#stored(bias)]);
    return rectified ? this.node('Relu', [sum]) : sum;
  }

  /** As a factor and a term a column: what training came to is known. */
  batchNorm(
    x: string,
    { scale, shift, mean, variance, rectified }: Parameters<Operators<string>['batchNorm']>[1],
  ): string {
    const [scales, shifts, means, variances] = [scale, shift, mean, variance].map((name) => this.#weight(name));
    const factors = scales!.map((value, at) => value / Math.sqrt(variances![at]! + batchNormEpsilon));
    const terms = shifts!.map((value, at) => value - means![at]! * factors[at]!);
    const [factor, term] = [
      this.constant({ name: scale, shape: [factors.length], data: factors }),
      this.constant({ name: shift, shape: [terms.length], data: terms }),
    ];
    const normal = this.node('Add', [this.node('Mul', [x, factor]), term]);
    return rectified ? this.node('Relu', [normal]) : normal;
  }

  addBias(x: string, bias: string): string {
    return this.node('Add', [x, this.#stored(bias)]);
  }

  concat(values: readonly string[]): string {
    return this.node('Concat', values, { axis: 1 });
  }

  add(a: string, b: string): string {
    return this.node('Add', [a, b]);
  }

  multiply(a: string, b: string): string {
    return this.node('Mul', [a, b]);
  }

  scale(x: string, factor: number): string {
    return this.node('Mul', [x, this.float(factor)]);
  }

  /** As a product with ones and zeros: ReduceSum adds in an order that depends on how many rows there are, and where they lie. */
  sumGroups(x: string, groups: number, width: number): string {
    const name = `sum.${groups}.${width}`;
    const data = Float32Array.from({ length: groups * width * width }, (_, at) =>
      Math.floor(at / width) % width === at % width ? 1 : 0,
    );
    this.#constants.set(name, { name, shape: [groups * width, width], data });
    return this.node('Gemm', [x, name]);
  }

  sumSlots(x: string, slots: readonly number[], width: number): string {
    const sums = slotRuns(slots).map(({ from, count, isSummed }) => {
      const own = this.columns(x, from * width, count * width);
      return isSummed ? this.sumGroups(own, count, width) : own;
    });
    return this.concat(sums);
  }

  dropout(x: string): string {
    return x;
  }

  perImage(layer: string, units: number, tower: (pixels: string) => string): string {
    return this.#images(layer, units, tower);
  }

  convolution(
    x: string,
    kernel: string,
    bias: string,
    { size, from, to }: { readonly size: number; readonly from: number; readonly to: number },
  ): string {
    const data = outerFirst(this.#weight(kernel), from, to);
    this.#constants.set(kernel, { name: kernel, shape: [to, from, 3, 3], data });
    // TensorFlow's SAME with stride 2: an even size is padded by one at its end only, an odd size by one on both sides.
    const before = size % 2 === 0 ? 0 : 1;
    const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [before, before, 1, 1] };
    return this.node('Relu', [this.node('Conv', [x, kernel, this.#stored(bias)], attributes)]);
  }

  cellMeans(
    x: string,
    { size, channels, cells }: { readonly size: number; readonly channels: number; readonly cells: number },
  ): string {
    const { width, count } = wholeCells(size, cells);
    const pooled = this.node('AveragePool', [x], { kernel_shape: [width, width], strides: [width, width] });
    const channelsLast = this.node('Transpose', [pooled], { perm: [0, 2, 3, 1] });
    return this.node('Reshape', [channelsLast, this.integers([-1, count * count * channels])]);
  }

  clip(x: string, limit: number): string {
    return this.node('Clip', [x, this.float(-limit), this.float(limit)]);
  }

  trees(x: string, { numbers, thresholds, leaves, ...shape }: Parameters<Operators<string>['trees']>[1]): string {
    const [tested, at, given] = [numbers, thresholds, leaves].map((name) => this.#weight(name));
    const attributes = treeAttributes({ numbers: tested!, thresholds: at!, leaves: given!, ...shape });
    const output = `trees.${this.nodes.length}`;
    this.nodes.push({ op: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml', inputs: [x], outputs: [output], attributes });
    return output;
  }

  crosses(...[, { of, ...places }, table]: Parameters<Operators<string>['crosses']>): string {
    const [firsts, seconds, weights] = [table.firsts, table.seconds, table.weights].map((name) => this.#weight(name));
    const [usual, known] = [places.usual, places.known].map((name) => this.#stored(name));
    const names = { of, usual: usual!, known: known!, weights: table.weights };
    const stored = { firsts: firsts!, seconds: seconds!, weights: weights!, multipliers: table.multipliers };
    return writeCrosses(this, names, stored);
  }

  /** Columns [from, from + width) of a value. */
  columns(x: string, from: number, width: number): string {
    const [start, end] = [this.integers([from]), this.integers([from + width])];
    return this.node('Slice', [x, start, end, this.integers([1])]);
  }

  /** [rows, 1] → [rows]. */
  flat(x: string, output: string): string {
    return this.node('Reshape', [x, this.integers([-1])], undefined, output);
  }

  /** Adds a node and gives its output's name. */
  node(
    op: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    output = `${op.toLowerCase()}.${this.nodes.length}`,
  ): string {
    this.nodes.push({ op, inputs, outputs: [output], ...(attributes === undefined ? {} : { attributes }) });
    return output;
  }

  float(value: number): string {
    const name = `float.${value}`;
    this.#constants.set(name, { name, shape: [], data: Float32Array.of(value) });
    return name;
  }

  /** A number in float64. */
  double(value: number): string {
    return this.constant({ name: `double.${value}`, shape: [], data: Float64Array.of(value) });
  }

  /** Whole numbers, [values.length]. */
  integers(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.constant({ name: `integers.${values.join('.')}`, shape: [values.length], data });
  }

  /** Keeps a constant and gives its name. */
  constant(tensor: OnnxTensor): string {
    this.#constants.set(tensor.name, tensor);
    return tensor.name;
  }

  #stored(name: string): string {
    this.#constants.set(name, { name, shape: this.#shapes.get(name) ?? [], data: this.#weight(name) });
    return name;
  }

  #weight(name: string): Float32Array {
    const data = this.#weights.get(name);
    if (data === undefined) throw new RangeError(`there are no weights for ${name}`);
    return data;
  }
}

/** [3, 3, in, out] → [out, in, 3, 3]. */
function outerFirst(kernel: Float32Array, from: number, to: number): Float32Array {
  const out = new Float32Array(kernel.length);
  for (let at = 0; at < 9; at += 1) {
    for (let inner = 0; inner < from; inner += 1) {
      for (let outer = 0; outer < to; outer += 1)
        out[(outer * from + inner) * 9 + at] = kernel[(at * from + inner) * to + outer]!;
    }
  }
  return out;
}
