import { crc32, deflateSync } from 'node:zlib';

/** A grey-scale image of black pixels: some 60 kB for 8000 × 8000. `count` of them, no two with the same bytes. */
export function blackPngs(side: number, count: number): readonly Buffer[] {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 8;
  let rows = packed.get(side);
  if (rows === undefined) packed.set(side, (rows = chunk('IDAT', deflateSync(Buffer.alloc((side + 1) * side)))));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const [first, last] = [chunk('IHDR', header), chunk('IEND', Buffer.alloc(0))];
  const pixels = rows;
  return Array.from({ length: count }, () => {
    named += 1;
    const text = chunk('tEXt', Buffer.from(`number\0${named}`, 'latin1'));
    return Buffer.concat([signature, first, text, pixels, last]);
  });
}

let named = 0;
/** Rows of pixels, by side: packing 64 million of them takes a third of a second. */
const packed = new Map<number, Buffer>();

function chunk(type: string, data: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(data.length, 0);
  const typed = Buffer.concat([Buffer.from(type), data]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(typed), 0);
  return Buffer.concat([header, typed, check]);
}
