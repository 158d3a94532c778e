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

/** The same rows as requests of every protocol that we answer, for the model "ads". */
export function requestsOf(
  columns: RequestColumns,
  rows: number,
): Readonly<Record<'modelInfer' | 'predict' | 'v2Rest' | 'v1Rest', Requests>> {
  const each = (encode: (given: Rows) => Uint8Array): readonly Uint8Array[] =>
    Array.from({ length: count }, (_, n) => encode(rowsOf(columns, rows, n * rows)));
  return {
    modelInfer: { transport: 'grpc', path: '/inference.GRPCInferenceService/ModelInfer', bodies: each(inferMessage) },
    predict: { transport: 'grpc', path: '/tensorflow.serving.PredictionService/Predict', bodies: each(predictMessage) },
    v2Rest: { transport: 'rest', path: '/v2/models/ads/infer', bodies: each(inferBody) },
    v1Rest: { transport: 'rest', path: '/v1/models/ads:predict', bodies: each(predictBody) },
  };
}

/** One row of 32 numbers for the peers' network, whose input is one tensor. */
export function peerRequests(): Readonly<Record<'grpc' | 'rest', Requests>> {
  const rows = Array.from({ length: count }, (_, n) =>
    Array.from({ length: 32 }, (_, at) => numbersOf(1, at, n)[0] ?? 0),
  );
  return {
    grpc: {
      transport: 'grpc',
      path: '/inference.GRPCInferenceService/ModelInfer',
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
    rest: {
      transport: 'rest',
      path: '/v2/models/mlp/infer',
      bodies: rows.map((data) => json({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 32], data }] })),
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

function predictMessage(rows: Rows): Uint8Array {
  const inputs = new Map(
    rows.map(([name, values]) => {
      const tensorShape = { dim: [{ size: BigInt(values.length), name: '' }], unknownRank: false };
      const tensor = areTexts(values)
        ? { dtype: tfs.DataType.DT_STRING, stringVal: values.map((value) => Buffer.from(value)) }
        : { dtype: tfs.DataType.DT_FLOAT, floatVal: [...values] };
      return [name, tfs.TensorProto.create({ ...tensor, tensorShape })] as const;
    }),
  );
  const request = tfs.PredictRequest.create({ modelSpec: { name: 'ads', signatureName: '' }, inputs });
  return tfs.PredictRequest.encode(request).finish();
}

function inferBody(rows: Rows): Uint8Array {
  return json({
    inputs: rows.map(([name, data]) => ({ name, datatype: datatypeOf(data), shape: [data.length], data })),
  });
}

function predictBody(rows: Rows): Uint8Array {
  const length = rows[0]?.[1].length ?? 0;
  return json({
    instances: Array.from({ length }, (_, row) =>
      Object.fromEntries(rows.map(([name, values]) => [name, values[row]])),
    ),
  });
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
