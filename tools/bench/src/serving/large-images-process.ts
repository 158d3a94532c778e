// Started by pixels.ts: node large-images-process.ts REST_ADDRESS TOKEN SIDE COUNT. While it is told to, sends so many images of so many
// pixels a side, and again once they are answered.
import { blackPngs } from '../black-png.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { loadWhenTold } from '../load/load-process.ts';
import { imageRows, predictPath } from './image-rows.ts';

const [restAddress = '', token = '', side = '8000', count = '16'] = process.argv.slice(2);
const images = (): Buffer => imageRows(blackPngs(Number(side), Number(count)));
// The first ones pack the rows of pixels that all share.
let body = images();

loadWhenTold(async (ended) => {
  const connection = await HttpConnection.open(restAddress, predictPath, { authorization: `Bearer ${token}` });
  while (!ended.aborted) {
    await new Promise<void>((resolve, reject) =>
      connection.send(body, ({ ok }) => (ok ? resolve() : reject(new Error('the large images were not answered')))),
    );
    body = images();
  }
  connection.close();
});
