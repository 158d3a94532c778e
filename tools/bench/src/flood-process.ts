// Started by callers.ts: node flood-process.ts GRPC_ADDRESS REST_ADDRESS TOKEN CALLS_PER_S. Floods while it is told to.
import { once } from 'node:events';
import { blackPngs } from './black-png.ts';
import { GrpcConnection } from './load/grpc-connection.ts';
import { HttpConnections } from './load/http-connections.ts';
import { loadWhenTold } from './load/load-process.ts';
import { openLoop } from './load/open-loop.ts';
import { onePrice, predictPath } from './one-price.ts';

const [grpcAddress = '', restAddress = '', token = '', callsPerS = '100'] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
/** Bodies of 16 images a second, beside the calls. */
const imageBodiesPerS = 2;
const side = 8000;

const instances = blackPngs(side, 16).map((image) => ({ price: 1, image_bytes: { b64: image.toString('base64') } }));
const images = Buffer.from(JSON.stringify({ instances }));
const calls = await GrpcConnection.open(grpcAddress, predictPath, 1, headers);
const bodies = await HttpConnections.open(8, restAddress, '/v1/models/ads:predict', headers);

// What is refused is what is looked for.
loadWhenTold(async (ended) => {
  const end = once(ended, 'abort');
  await Promise.all([
    openLoop([calls], [onePrice(1)], { perS: Number(callsPerS) }, end),
    openLoop([bodies], [images], { perS: imageBodiesPerS }, end),
  ]);
});
