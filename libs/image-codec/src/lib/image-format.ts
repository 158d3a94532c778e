export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

/** What bytes are by their beginning, whatever their file is called. */
export interface SniffedImage {
  readonly format: ImageFormat;
  /** Moves, in a way that has no agreed first picture: WebP with frames, AVIF as a sequence. */
  readonly animated: boolean;
}

const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

/** The format of an image by its first bytes; undefined where it is none of those that are decoded. */
export function imageFormat(bytes: Uint8Array): SniffedImage | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return { format: 'jpeg', animated: false };
  if (ascii(bytes, 0, 8) === '\u0089PNG\r\n\u001a\n') return { format: 'png', animated: false };
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return { format: 'gif', animated: false };
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') {
    // The extended header's flags: bit 1 is animation (RFC 9649, section 2.7).
    const animated = ascii(bytes, 12, 16) === 'VP8X' && ((bytes[20] ?? 0) & 2) !== 0;
    return { format: 'webp', animated };
  }
  return avif(bytes);
}

/** ISO base media: a first box `ftyp` with the major brand and, after a version, the compatible ones. */
function avif(bytes: Uint8Array): SniffedImage | undefined {
  if (ascii(bytes, 4, 8) !== 'ftyp') return undefined;
  const size = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  const brands = [ascii(bytes, 8, 12), ...(ascii(bytes, 16, Math.min(size, 256)).match(/.{4}/gs) ?? [])];
  if (brands[0] === 'avis') return { format: 'avif', animated: true };
  return brands.includes('avif') ? { format: 'avif', animated: false } : undefined;
}
