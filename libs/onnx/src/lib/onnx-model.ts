import { ProtobufWriter } from './protobuf-writer.ts';

/** A node's attribute: an integer, a text, or a list of integers, floats or texts. */
export type OnnxAttribute = number | string | readonly number[] | Float32Array | readonly string[];

export interface OnnxNode {
  readonly op: string;
  /** Whose operator it is; absent: ONNX' own. */
  readonly domain?: keyof typeof domains;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A constant. Shape × data: row-major, as many values as the shape's product. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array;
}

export type OnnxType = keyof typeof elementType;

/** An input or output. A dimension given as a word is free. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  /** Absent: nothing is said of it, its rank neither. */
  readonly shape?: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

// Field numbers and enum values: onnx.proto3 of the ONNX project (Apache-2.0), IR version 8, opset 17.
const elementType = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
} as const;
const irVersion = 8;
const opset = 17;
/** Operators beside ONNX' own, and their version. */
const domains = { 'ai.onnx.ml': 3 } as const;

/** The model's bytes, as an .onnx file holds them. Throws `RangeError` for a constant whose shape does not fit its data. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const writer = new ProtobufWriter();
  for (const node of graph.nodes) writer.message(1, nodeProto(node));
  writer.text(2, graph.name);
  for (const tensor of graph.constants) writer.message(5, tensorProto(tensor));
  for (const value of graph.inputs) writer.message(11, valueProto(value));
  for (const value of graph.outputs) writer.message(12, valueProto(value));
  const model = new ProtobufWriter().integer(1, irVersion).text(2, 'adstocrat').message(7, writer);
  model.message(8, new ProtobufWriter().text(1, '').integer(2, opset));
  for (const [domain, version] of Object.entries(domains))
    if (graph.nodes.some((node) => node.domain === domain))
      model.message(8, new ProtobufWriter().text(1, domain).integer(2, version));
  return model.finish();
}

function nodeProto({ op, domain, inputs, outputs, attributes = {} }: OnnxNode): ProtobufWriter {
  const node = new ProtobufWriter();
  for (const input of inputs) node.text(1, input);
  for (const output of outputs) node.text(2, output);
  node.text(3, `${op}/${outputs[0] ?? ''}`).text(4, op);
  for (const [name, value] of Object.entries(attributes)) node.message(5, attributeProto(name, value));
  return domain === undefined ? node : node.text(7, domain);
}

function attributeProto(name: string, value: OnnxAttribute): ProtobufWriter {
  const attribute = new ProtobufWriter().text(1, name);
  if (typeof value === 'number') return attribute.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return attribute.text(4, value).integer(20, 3);
  if (value instanceof Float32Array) {
    const { buffer, byteOffset, byteLength } = value;
    return attribute.bytes(7, new Uint8Array(buffer, byteOffset, byteLength)).integer(20, 6);
  }
  for (const one of value) {
    if (typeof one === 'number') attribute.integer(8, one);
    else attribute.text(9, one);
  }
  return attribute.integer(20, typeof value[0] === 'string' ? 8 : 7);
}

function tensorProto({ name, shape, data }: OnnxTensor): ProtobufWriter {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (size !== data.length)
    throw new RangeError(`constant ${name} of shape [${shape.join(', ')}] needs ${size} values, got ${data.length}`);
  const tensor = new ProtobufWriter();
  for (const dimension of shape) tensor.integer(1, dimension);
  tensor.integer(2, typeOf(data)).text(8, name);
  // raw_data is little-endian, as are all machines this runs on.
  return tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function typeOf(data: OnnxTensor['data']): number {
  if (data instanceof Float32Array) return elementType.float;
  return data instanceof Float64Array ? elementType.double : elementType.int64;
}

function valueProto({ name, type, shape }: OnnxValue): ProtobufWriter {
  const tensorType = new ProtobufWriter().integer(1, elementType[type]);
  const dimensions = new ProtobufWriter();
  for (const dimension of shape ?? []) {
    dimensions.message(
      1,
      typeof dimension === 'number'
        ? new ProtobufWriter().integer(1, dimension)
        : new ProtobufWriter().text(2, dimension),
    );
  }
  if (shape !== undefined) tensorType.message(2, dimensions);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensorType));
}
