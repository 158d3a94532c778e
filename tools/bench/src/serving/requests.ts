import { openInference as v2, tensorflowServing as tfs } from '@adstocrat/schemas';
import { numbersOf, textsOf } from './write-network.ts';

/** Columns of the requests, as `writeNetwork` names them. */
export interface RequestColumns {
  readonly texts: number;
  readonly terms: number;
  readonly numbers: number;
}

/** Rows of a request by column. */
type Rows = readonly (readonly [name: string, values: readonly string[] | readonly number[]])[];

/** A call, and bodies of it that are ready to be sent. */
export interface Requests {
  readonly transport: 'grpc' | 'rest';
  /** The gRPC method, or the path of POST. */
  readonly path: string;
  readonly bodies: readonly Uint8Array[];
}

const count = 200;
const inferCall = { transport: 'grpc', path: '/inference.GRPCInferenceService/ModelInfer' } as const;
const predictCall = { transport: 'grpc', path: '/tensorflow.serving.PredictionService/Predict' } as const;

/** Rows of the model "ads" as calls of ModelInfer. */
export function rowRequests(columns: RequestColumns, rows: number): Requests {
  return {
    ...inferCall,
    bodies: Array.from({ length: count }, (_, n) => inferMessage(rowsOf(columns, rows, n * rows))),
  };
}

/** One row of 32 numbers for the network "mlp", whose input is one tensor. Predict and V1 are ours alone. */
export function networkRequests(): Readonly<Record<'modelInfer' | 'predict' | 'v2Rest' | 'v1Rest', Requests>> {
  const rows = Array.from({ length: count }, (_, n) =>
    Array.from({ length: 32 }, (_, at) => numbersOf(1, at, n)[0] ?? 0),
  );
  return {
    modelInfer: {
      ...inferCall,
      bodies: rows.map((row) =>
        v2.ModelInferRequest.encode(
          v2.ModelInferRequest.create({
            modelName: 'mlp',
            inputs: [v2Input('x', 'FP32', [1n, 32n])],
            rawInputContents: [Buffer.from(Float32Array.from(row).buffer)],
          }),
        ).finish(),
      ),
    },
    predict: {
      ...predictCall,
      bodies: rows.map((row) =>
        tfs.PredictRequest.encode(
          tfs.PredictRequest.create({
            modelSpec: { name: 'mlp', signatureName: '' },
            inputs: new Map([
              [
                'x',
                tfs.TensorProto.create({ dtype: tfs.DataType.DT_FLOAT, tensorShape: shapeOf(1, 32), floatVal: row }),
              ],
            ]),
          }),
        ).finish(),
      ),
    },
    v2Rest: {
      transport: 'rest',
      path: '/v2/models/mlp/infer',
      bodies: rows.map((data) => json({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 32], data }] })),
    },
    v1Rest: {
      transport: 'rest',
      path: '/v1/models/mlp:predict',
      bodies: rows.map((row) => json({ instances: [row] })),
    },
  };
}

function rowsOf({ texts, terms, numbers }: RequestColumns, rows: number, first: number): Rows {
  return [
    ...Array.from({ length: texts }, (_, at) => [`text_${at}`, textsOf(rows, terms, at, first)] as const),
    ...Array.from({ length: numbers }, (_, at) => [`number_${at}`, numbersOf(rows, at, first)] as const),
  ];
}

function inferMessage(rows: Rows): Uint8Array {
  const request = v2.ModelInferRequest.create({
    modelName: 'ads',
    inputs: rows.map(([name, values]) => v2Input(name, datatypeOf(values), [BigInt(values.length)])),
    rawInputContents: rows.map(([, values]) =>
      areTexts(values) ? rawTexts(values) : Buffer.from(Float32Array.from(values).buffer),
    ),
  });
  return v2.ModelInferRequest.encode(request).finish();
}

function shapeOf(...sizes: readonly number[]) {
  return { dim: sizes.map((size) => ({ size: BigInt(size), name: '' })), unknownRank: false };
}

function v2Input(name: string, datatype: string, shape: bigint[]) {
  return { name, datatype, shape, parameters: new Map<string, v2.InferParameter>(), contents: undefined };
}

function areTexts(values: readonly string[] | readonly number[]): values is readonly string[] {
  return typeof values[0] === 'string';
}

function datatypeOf(values: readonly string[] | readonly number[]): string {
  return areTexts(values) ? 'BYTES' : 'FP32';
}

function rawTexts(values: readonly string[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(value));
      return [length, Buffer.from(value)];
    }),
  );
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
