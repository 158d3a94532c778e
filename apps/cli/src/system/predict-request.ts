import { Metadata } from '@grpc/grpc-js';
import type { Column } from '@adstocrat/examples';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import type { Clients } from './clients.ts';

const DataType = tfs.DataType;
type TensorProto = tfs.TensorProto;

/** Raw columns, all of one length, as the inputs of the default signature. */
export function inputsOf(columns: ReadonlyMap<string, Column>): Map<string, TensorProto> {
  const inputs = new Map<string, TensorProto>();
  for (const [name, column] of columns) {
    inputs.set(
      name,
      column.type === 'string' ? stringTensor(column.values.map((value) => value ?? '')) : numberTensor(column.values),
    );
  }
  return inputs;
}

/** DT_STRING [n]. */
export function stringTensor(values: readonly (string | Uint8Array)[]): TensorProto {
  return tfs.TensorProto.create({
    dtype: DataType.DT_STRING,
    tensorShape: { dim: [{ size: BigInt(values.length), name: '' }], unknownRank: false },
    stringVal: values.map((value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from(value))),
  });
}

/** DT_DOUBLE [n]: NaN is missing, and integers stay exact up to 2^53. */
export function numberTensor(values: Float64Array): TensorProto {
  return tfs.TensorProto.create({
    dtype: DataType.DT_DOUBLE,
    tensorShape: { dim: [{ size: BigInt(values.length), name: '' }], unknownRank: false },
    doubleVal: [...values],
  });
}

/** A scored request. */
export interface Scored {
  readonly version: number;
  /** One per row, in [0, 1]. */
  readonly scores: readonly number[];
}

/** One Predict call. Rejects with the ServiceError as it came. */
export function predict(
  clients: Clients,
  model: string,
  inputs: ReadonlyMap<string, TensorProto>,
  options: {
    readonly version?: number;
    /** Where no version is given: the one that this label points at. */
    readonly label?: string;
    readonly deadlineMs?: number;
    readonly log?: boolean;
    readonly waitForReady?: boolean;
  } = {},
): Promise<Scored> {
  const request = tfs.PredictRequest.create({
    modelSpec: {
      name: model,
      signatureName: '',
      ...(options.version === undefined ? {} : { version: BigInt(options.version) }),
      ...(options.label === undefined ? {} : { versionLabel: options.label }),
    },
    inputs: new Map(inputs),
  });
  const metadata = new Metadata({ waitForReady: options.waitForReady ?? false });
  // Rows that nobody is shown are none of feedback's business.
  if (options.log === false) metadata.set('adstocrat-prediction-log', 'off');
  return new Promise((resolve, reject) => {
    clients.prediction.predict(
      request,
      metadata,
      { deadline: Date.now() + (options.deadlineMs ?? 30_000) },
      (error, response) => {
        if (error !== null) {
          reject(error);
          return;
        }
        const score = response.outputs.get('score');
        if (score === undefined) {
          reject(new ExitError(1, `model ${model} answered without an output "score"`));
          return;
        }
        resolve({ version: Number(response.modelSpec?.version ?? 0), scores: score.floatVal });
      },
    );
  });
}
