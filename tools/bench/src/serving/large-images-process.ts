// Started by pixels.ts: node large-images-process.ts REST_ADDRESS TOKEN SIDE COUNT. Sends so many images of so many pixels a side, and again
// once they are answered, until SIGTERM; then waits for the last answer.
import { blackPngs } from '../black-png.ts';
import { predictRows } from './image-rows.ts';

const [restAddress = '', token = '', side = '8000', count = '16'] = process.argv.slice(2);
let over = false;
process.on('SIGTERM', () => (over = true));
while (!over) await predictRows(restAddress, token, blackPngs(Number(side), Number(count)));
