/** An image that is kept, as it was listed. */
export interface StoredImage {
  /** Hex, of its content. */
  readonly sha256: string;
  readonly bytes: number;
  /** Pack that it lies in. */
  readonly pack: string;
}

/** Those of the images that are not named. Both ascending by digest, neither is held in memory. */
export async function* unnamed<T extends Pick<StoredImage, 'sha256'>>(
  images: AsyncIterable<T>,
  named: AsyncIterable<string>,
): AsyncGenerator<T> {
  const names = named[Symbol.asyncIterator]();
  try {
    let name = await names.next();
    for await (const image of images) {
      while (name.done !== true && name.value < image.sha256) name = await names.next();
      if (name.done === true || name.value !== image.sha256) yield image;
    }
  } finally {
    await names.return?.();
  }
}
