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
  for await (const { image, isNamed } of withNamed(images, named)) if (!isNamed) yield image;
}

/** The images, each with whether it is named. Both ascending by digest, neither is held in memory. */
export async function* withNamed<T extends Pick<StoredImage, 'sha256'>>(
  images: AsyncIterable<T>,
  named: AsyncIterable<string>,
): AsyncGenerator<{ readonly image: T; readonly isNamed: boolean }> {
  const names = named[Symbol.asyncIterator]();
  try {
    let name = await names.next();
    for await (const image of images) {
      while (name.done !== true && name.value < image.sha256) name = await names.next();
      yield { image, isNamed: name.done !== true && name.value === image.sha256 };
    }
  } finally {
    await names.return?.();
  }
}

/** Images of which nothing but the digest is known. */
export async function* digestsOnly(digests: AsyncIterable<string>): AsyncGenerator<{ readonly sha256: string }> {
  for await (const sha256 of digests) yield { sha256 };
}
