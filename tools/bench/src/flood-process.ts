// Started by callers.ts: node flood-process.ts GRPC_ADDRESS REST_ADDRESS TOKEN CALLS_PER_S. Floods until it is killed.
import { crc32, deflateSync } from 'node:zlib';
import { credentials, Metadata } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';

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

const instances = Array.from({ length: 16 }, () => ({ price: 1, image_bytes: { b64: blackPng(side) } }));
const body = JSON.stringify({ instances });
setInterval(() => {
  fetch(`http://${restAddress}/v1/models/ads:predict`, { method: 'POST', headers: { authorization }, body })
    .then((response) => response.text())
    .catch(() => undefined);
}, 1000 / imageBodiesPerS);

/** A grey-scale image of black pixels, in base64: some 60 kB for 64 million of them. */
function blackPng(pixels: number): string {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels, 0);
  header.writeUInt32BE(pixels, 4);
  header[8] = 8;
  const chunk = (type: string, data: Buffer): Buffer => {
    const typed = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(typed), 4);
    return Buffer.concat([ends.subarray(0, 4), typed, ends.subarray(4)]);
  };
  const rows = deflateSync(Buffer.alloc((pixels + 1) * pixels));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const parts = [signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat(parts).toString('base64');
}
