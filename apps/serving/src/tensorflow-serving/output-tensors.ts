import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { InferenceAnswer } from '../infer/inference-request.ts';
import { predictionIdName } from '../infer/names.ts';
import { classes } from './signatures.ts';

const { DataType } = tfs;

/** An output, [rows] or [rows, width], its values in row order. */
export type OutputTensor =
  | { readonly dtype: 'float'; readonly values: Float32Array; readonly width?: number }
  | { readonly dtype: 'string'; readonly values: readonly string[]; readonly width?: number };

/** The probability of each class, [rows, 2]: the score is that of the second one. */
export function classScores(scores: Float32Array): Float32Array {
  const both = new Float32Array(scores.length * classes.length);
  for (const [row, score] of scores.entries()) {
    both[row * 2] = 1 - score;
    both[row * 2 + 1] = score;
  }
  return both;
}

/** An output of a signature; undefined for ids that the answer does not have. */
export function outputTensor(name: string, { scores, predictionIds }: InferenceAnswer): OutputTensor | undefined {
  switch (name) {
    case predictionIdName:
      return predictionIds === undefined ? undefined : { dtype: 'string', values: predictionIds };
    case 'classes':
      return { dtype: 'string', values: Array.from(scores, () => classes).flat(), width: classes.length };
    case 'scores':
      return { dtype: 'float', values: classScores(scores), width: classes.length };
    case 'outputs':
      return { dtype: 'float', values: scores, width: 1 };
    default:
      return { dtype: 'float', values: scores };
  }
}

/** The outputs that an answer has, by name. */
export function outputTensors(names: Iterable<string>, answer: InferenceAnswer): ReadonlyMap<string, OutputTensor> {
  const made = new Map<string, OutputTensor>();
  for (const name of names) {
    const output = outputTensor(name, answer);
    if (output !== undefined) made.set(name, output);
  }
  return made;
}

/** Values in the field of their type. */
export function tensorProtoOf(output: OutputTensor): tfs.TensorProto {
  const { width, values } = output;
  const sizes = width === undefined ? [values.length] : [values.length / width, width];
  const tensorShape = { dim: sizes.map((size) => ({ size: BigInt(size), name: '' })), unknownRank: false };
  return output.dtype === 'float'
    ? tfs.TensorProto.create({ dtype: DataType.DT_FLOAT, tensorShape, floatVal: Array.from(output.values) })
    : tfs.TensorProto.create({
        dtype: DataType.DT_STRING,
        tensorShape,
        stringVal: output.values.map((value) => Buffer.from(value)),
      });
}
