import type { ImagePlace } from '@adstocrat/metadata';

/** An image and where it lies. */
export interface PlacedImage extends ImagePlace {
  readonly sha256: string;
}

/** Images of one pack that are read as one, in its order. */
export interface Stretch {
  readonly pack: string;
  readonly offset: number;
  readonly bytes: number;
  readonly images: readonly PlacedImage[];
}

/** Bytes between two images that are read with them: less than what another request costs. */
const mostBetween = 64 << 10;
/** Bytes of a stretch of several images. */
const mostBytes = 2 << 20;

/** Puts images that lie close to each other together. An image lies in one stretch, and whole. */
export function stretchesOf(images: readonly PlacedImage[]): readonly Stretch[] {
  const inOrder = images.toSorted((a, b) => (a.pack === b.pack ? a.offset - b.offset : a.pack < b.pack ? -1 : 1));
  const stretches: { pack: string; offset: number; bytes: number; images: PlacedImage[] }[] = [];
  for (const image of inOrder) {
    const last = stretches.at(-1);
    const end = image.offset + image.bytes;
    const isNear =
      last?.pack === image.pack &&
      image.offset - (last.offset + last.bytes) <= mostBetween &&
      end - last.offset <= mostBytes;
    if (last === undefined || !isNear) {
      const { pack, offset, bytes } = image;
      stretches.push({ pack, offset, bytes, images: [image] });
    } else {
      last.images.push(image);
      last.bytes = Math.max(last.bytes, end - last.offset);
    }
  }
  return stretches;
}
