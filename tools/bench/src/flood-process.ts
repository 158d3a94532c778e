// Started by callers.ts: node flood-process.ts GRPC_ADDRESS REST_ADDRESS TOKEN CALLS_PER_S. Floods until it is killed.
import { credentials, Metadata } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { blackPngs } from './black-png.ts';

const [grpcAddress = '', restAddress = '', token = '', callsPerS = '100'] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
/** Bodies of 16 images a second, beside the calls. */
const imageBodiesPerS = 2;
const side = 8000;

const client = new tfs.PredictionServiceClient(grpcAddress, credentials.createInsecure());
const metadata = new Metadata();
metadata.set('authorization', authorization);
const request = tfs.PredictRequest.create({
  modelSpec: { name: 'ads', signatureName: '' },
  inputs: new Map([['price', tfs.TensorProto.create({ dtype: tfs.DataType.DT_FLOAT, floatVal: [1] })]]),
});
// What is refused is what is looked for: no answer is waited for.
setInterval(() => client.predict(request, metadata, () => undefined), 1000 / Number(callsPerS));

const instances = blackPngs(side, 16).map((image) => ({ price: 1, image_bytes: { b64: image.toString('base64') } }));
const body = JSON.stringify({ instances });
setInterval(() => {
  fetch(`http://${restAddress}/v1/models/ads:predict`, { method: 'POST', headers: { authorization }, body })
    .then((response) => response.text())
    .catch(() => undefined);
}, 1000 / imageBodiesPerS);
