/** Types of HTTP/2 frames (RFC 9113, section 6). */
export const frame = { data: 0, headers: 1, resetStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
/** Flags of frames; `ack` is that of settings and pings. */
export const flag = { endStream: 1, ack: 1, endHeaders: 4 } as const;

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A frame's nine bytes, then its payload. */
export function encodeFrame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(9 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, 9);
  return bytes;
}

/** A number as the payload of a window update, or of whatever else is one 32-bit number. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Our settings: no push, and answers of any size at once. */
export function settings(): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(2, 0);
  bytes.writeUInt16BE(4, 6);
  bytes.writeUInt32BE(0x7fff_ffff, 8);
  return bytes;
}

/**
 * Headers of calls of one method as HPACK (RFC 7541): spelled out and put into the table by the first call of a connection, as stock
 * clients do, and a byte each from then on.
 */
export function callHeaders(
  authority: string,
  path: string,
  further: Readonly<Record<string, string>> = {},
): { readonly first: Buffer; readonly next: Buffer } {
  const put = [
    [Buffer.from([0x44]), path],
    [Buffer.from([0x41]), authority],
    [Buffer.from([0x5f]), 'application/grpc'],
    ...Object.entries({ te: 'trailers', ...further }).map(
      ([name, value]) => [Buffer.concat([Buffer.from([0x40]), text(name)]), value] as const,
    ),
  ] as const;
  // Static: POST and http.
  const method = Buffer.from([0x83, 0x86]);
  return {
    first: Buffer.concat([method, ...put.flatMap(([name, value]) => [name, text(value)])]),
    // The table's newest entry is 62.
    next: Buffer.concat([method, Buffer.from(put.map((_, at) => 0x80 | (62 + put.length - 1 - at)))]),
  };
}

function text(value: string): Buffer {
  if (value.length > 126) throw new RangeError(`a header must have at most 126 bytes, "${value}" has ${value.length}`);
  return Buffer.from(`${String.fromCharCode(value.length)}${value}`, 'latin1');
}
