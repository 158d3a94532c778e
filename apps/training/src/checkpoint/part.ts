/** A piece of what a run has come to: facts, JSON, and arrays of numbers by name. */
export interface Part {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly arrays: ReadonlyMap<string, Float32Array>;
}

interface Header {
  readonly facts: Part['facts'];
  readonly arrays: readonly { readonly name: string; readonly length: number }[];
}

/**
 * A part's bytes, little-endian: the header's length (uint32), the header (JSON, filled up with blanks to a multiple of 4 bytes), the
 * arrays one after the other. In pieces, so that large arrays are not copied.
 */
export function* partBytes({ facts, arrays }: Part): Generator<Uint8Array> {
  const header: Header = { facts, arrays: Array.from(arrays, ([name, { length }]) => ({ name, length })) };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(0x20);
  padded.set(text);
  yield new Uint8Array(Uint32Array.of(padded.length).buffer);
  yield padded;
  for (const { buffer, byteOffset, byteLength } of arrays.values())
    yield new Uint8Array(buffer, byteOffset, byteLength);
}

/** The part again. Its bytes have been compared with their digest, so they are what {@link partBytes} gave. */
export function readPart(bytes: Uint8Array): Part {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const headerBytes = new Uint32Array(buffer, byteOffset, 1)[0]!;
  const { facts, arrays } = JSON.parse(new TextDecoder().decode(aligned.subarray(4, 4 + headerBytes))) as Header;
  let at = byteOffset + 4 + headerBytes;
  const read = new Map<string, Float32Array>();
  for (const { name, length } of arrays) {
    read.set(name, new Float32Array(buffer, at, length));
    at += length * 4;
  }
  return { facts, arrays: read };
}
