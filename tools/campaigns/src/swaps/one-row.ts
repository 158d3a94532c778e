import { type Agent, request } from 'node:http';
import { Metadata } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';

/** Which version answered a row of price 10, and how. */
export interface OneAnswer {
  readonly version: number;
  readonly score: number;
}

const deadlineMs = 60_000;

/** Rejects with the error as it came. */
export function oneRowByGrpc(client: tfs.PredictionServiceClient): Promise<OneAnswer> {
  const price = tfs.TensorProto.create({
    dtype: tfs.DataType.DT_FLOAT,
    floatVal: [10],
    tensorShape: { dim: [{ size: 1n, name: '' }], unknownRank: false },
  });
  const message = tfs.PredictRequest.create({
    modelSpec: { name: 'ads', signatureName: '' },
    inputs: new Map([['price', price]]),
  });
  return new Promise((resolve, reject) => {
    client.predict(message, new Metadata(), { deadline: Date.now() + deadlineMs }, (error, response) => {
      if (error !== null) reject(error);
      else
        resolve({
          version: Number(response.modelSpec?.version ?? 0),
          score: response.outputs.get('score')?.floatVal[0] ?? NaN,
        });
    });
  });
}

/** Undefined where a kept connection had just been closed: nothing came back over it. */
export function oneRowByRest(rest: string, agent: Agent): Promise<OneAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(`${rest}/v1/models/ads:predict`, { method: 'POST', agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode !== 200) reject(new Error(`${String(response.statusCode)} ${body}`));
        else {
          const { predictions } = JSON.parse(body) as { readonly predictions: readonly number[] };
          resolve({
            version: Number(response.headers['adstocrat-model-version']),
            score: predictions[0] ?? NaN,
          });
        }
      });
    });
    call.once('error', (error: NodeJS.ErrnoException) => {
      if (call.reusedSocket && error.code === 'ECONNRESET') resolve(undefined);
      else reject(error);
    });
    call.end('{"instances": [{"price": 10}]}');
  });
}
