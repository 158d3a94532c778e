import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { Row } from './rows.ts';

export interface PredictRequest {
  readonly model: string;
  readonly rows: readonly Row[];
  /** One a row; absent: the server makes them. */
  readonly ids?: readonly string[];
}

const deadlineMs = 30_000;

/** Not answered, and worth another try: the server went away, is not there yet, or took too long. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
}

/** Asks over gRPC for scores and ids. Throws {@link NotAnswered}, or what the server refused the request with. */
export async function predictByGrpc(
  client: tfs.PredictionServiceClient,
  { model, rows, ids }: PredictRequest,
): Promise<readonly string[]> {
  const price = tfs.TensorProto.create({
    dtype: tfs.DataType.DT_DOUBLE,
    tensorShape: shape(rows.length),
    doubleVal: rows.map((row) => row.price),
  });
  const inputs = new Map([
    ['colour', stringTensor(rows.map(({ colour }) => colour))],
    ['price', price],
  ]);
  if (ids !== undefined) inputs.set('prediction_id', stringTensor(ids));
  const metadata = new Metadata();
  metadata.set('adstocrat-prediction-ids', 'body');
  const request = tfs.PredictRequest.create({ modelSpec: { name: model, signatureName: '' }, inputs });
  const response = await new Promise<tfs.PredictResponse>((answered, failed) => {
    client.predict(request, metadata, { deadline: Date.now() + deadlineMs }, (error, value) => {
      if (error === null) answered(value);
      else failed(isPassing(error) ? new NotAnswered(status[error.code] ?? 'error', { cause: error }) : error);
    });
  });
  const answeredIds = response.outputs
    .get('prediction_id')
    ?.stringVal.map((bytes) => Buffer.from(bytes).toString('utf8'));
  return checked(rows.length, response.outputs.get('score')?.floatVal, answeredIds, ids);
}

/** Asks over REST, in the row format. As {@link predictByGrpc}. */
export async function predictByRest(url: string, { model, rows, ids }: PredictRequest): Promise<readonly string[]> {
  const instances = rows.map(({ colour, price }, row) =>
    ids === undefined ? { colour, price } : { colour, price, prediction_id: ids[row] },
  );
  let response: Response;
  let body: string;
  try {
    response = await fetch(`${url}/v1/models/${model}:predict?prediction_ids=body`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instances }),
      signal: AbortSignal.timeout(deadlineMs),
    });
    body = await response.text();
  } catch (error) {
    throw new NotAnswered('REST not reached', { cause: error });
  }
  if (response.status === 503 || response.status === 429) throw new NotAnswered(`REST ${response.status}`);
  if (!response.ok) throw new Error(`REST ${response.status}: ${body}`);
  const answer = JSON.parse(body) as { readonly predictions?: number[]; readonly prediction_ids?: string[] };
  return checked(rows.length, answer.predictions, answer.prediction_ids, ids);
}

function isPassing({ code, details }: ServiceError): boolean {
  if (code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED || code === status.RESOURCE_EXHAUSTED)
    return true;
  return code === status.INTERNAL && /RST_STREAM|closed|connection/i.test(details);
}

/** The answer's ids. Throws where scores or ids are not one a row, out of range, or not those that were sent. */
function checked(
  rows: number,
  scores: readonly number[] | undefined,
  answered: readonly string[] | undefined,
  sent: readonly string[] | undefined,
): readonly string[] {
  if (scores?.length !== rows || !scores.every((score) => score >= 0 && score <= 1))
    throw new Error(`${rows} rows were answered with ${scores?.length ?? 0} scores, or with some outside of [0, 1]`);
  if (answered?.length !== rows) throw new Error(`${rows} rows were answered with ${answered?.length ?? 0} ids`);
  const other = sent?.findIndex((id, row) => id !== answered[row]) ?? -1;
  if (other >= 0)
    throw new Error(`row ${other} was sent as "${sent?.[other] ?? ''}", answered as "${answered[other] ?? ''}"`);
  return answered;
}

function shape(rows: number): tfs.TensorShapeProto {
  return { dim: [{ size: BigInt(rows), name: '' }], unknownRank: false };
}

function stringTensor(values: readonly string[]): tfs.TensorProto {
  return tfs.TensorProto.create({
    dtype: tfs.DataType.DT_STRING,
    tensorShape: shape(values.length),
    stringVal: values.map((value) => Buffer.from(value)),
  });
}
