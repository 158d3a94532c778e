import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { InputSpec, ModelSignature } from '../infer/model-signature.ts';
import { imageBytesName, predictionIdName, scoreName } from '../infer/names.ts';

const { DataType } = tfs;

/** The name that stands for an empty one. */
export const defaultSignature = 'serving_default';

/** A tensor of a signature: [batch], or [batch, width]. */
export interface SignatureTensor {
  readonly dtype: tfs.DataType;
  readonly width?: number;
  /** True where a request may leave it out: it is missing then. */
  readonly optional?: boolean;
}

export type SignatureKind = 'predict' | 'classify' | 'regress';

export interface Signature {
  readonly kind: SignatureKind;
  readonly inputs: ReadonlyMap<string, SignatureTensor>;
  readonly outputs: ReadonlyMap<string, SignatureTensor>;
}

/** The signatures of every model: two take its raw columns, two tf.Examples. The names are those that TensorFlow's estimators gave. */
const kinds: ReadonlyMap<string, SignatureKind> = new Map([
  [defaultSignature, 'predict'],
  ['predict', 'predict'],
  ['classification', 'classify'],
  ['regression', 'regress'],
]);

export function signatureKind(name: string): SignatureKind | undefined {
  return kinds.get(name === '' ? defaultSignature : name);
}

/** The method of a signature, as SignatureDef and InferenceTask name it. */
export function methodOf(kind: SignatureKind): string {
  return `tensorflow/serving/${kind}`;
}

/** The one input of a signature that takes serialized tf.Examples. */
export const examplesInput = 'inputs';
const examples: ReadonlyMap<string, SignatureTensor> = new Map([[examplesInput, { dtype: DataType.DT_STRING }]]);

/** Two classes, in this order. */
export const classes: readonly string[] = ['0', '1'];

export const signatureOutputs: Readonly<Record<SignatureKind, ReadonlyMap<string, SignatureTensor>>> = {
  predict: new Map([
    [scoreName, { dtype: DataType.DT_FLOAT }],
    [predictionIdName, { dtype: DataType.DT_STRING }],
  ]),
  classify: new Map([
    ['classes', { dtype: DataType.DT_STRING, width: classes.length }],
    ['scores', { dtype: DataType.DT_FLOAT, width: classes.length }],
  ]),
  regress: new Map([['outputs', { dtype: DataType.DT_FLOAT, width: 1 }]]),
};

/** What a signature of a model takes. */
export function signatureInputs(
  kind: SignatureKind,
  { inputs }: Pick<ModelSignature, 'inputs'>,
): ReadonlyMap<string, SignatureTensor> {
  if (kind !== 'predict') return examples;
  return new Map(inputs.map(({ name, type }) => [name, { dtype: dtypeOf(type), optional: true }]));
}

/** All of a model's signatures, by name. */
export function signaturesOf(model: Pick<ModelSignature, 'inputs'>): ReadonlyMap<string, Signature> {
  return new Map(
    Array.from(kinds, ([name, kind]) => [
      name,
      { kind, inputs: signatureInputs(kind, model), outputs: signatureOutputs[kind] },
    ]),
  );
}

export function dtypeOf(type: InputSpec['type']): tfs.DataType {
  if (type === 'integer') return DataType.DT_INT64;
  return type === 'float' ? DataType.DT_FLOAT : DataType.DT_STRING;
}

/** As TensorFlow Serving says it: sorted by bytes, commas between. */
export function namesOf(names: Iterable<string>): string {
  return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join(',');
}

/** What inputs may be called that a request gives: the columns, and what is no column. */
export function inputNames(columns: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...columns, predictionIdName, imageBytesName]);
}
