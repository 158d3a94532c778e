import { hash } from 'node:crypto';
import { DamagedArtifact } from '@adstocrat/artifact-folders';
import { ArtifactNotFound, type ArtifactStore, joinUri, readBytes } from '@adstocrat/artifact-store';
import type { Images } from '@adstocrat/metadata';
import { packUri } from './pack-uri.ts';
import { type PlacedImage, type Stretch, stretchesOf } from './stretches.ts';

/** Takes an image's bytes, which are not to be changed. */
type UseImage = (sha256: string, bytes: Uint8Array) => Promise<void> | void;

/** Images that are looked up at once. */
const lotImages = 4096;
/** Stretches that are read at once, and images of each that are used at once. */
const [readers, users] = [16, 2] as const;

export interface StoredImagesOptions {
  readonly registry: Images;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
}

/** Images that ingestion keeps, by the sha256 of their content, which is checked. */
export class StoredImages {
  readonly #options: StoredImagesOptions;

  constructor(options: StoredImagesOptions) {
    this.#options = options;
  }

  /**
   * Has each of the images used once, several at a time; those that were taken in one after the other are read together where they are
   * asked for so. Throws {@link ArtifactNotFound} where one is not kept, {@link DamagedArtifact} where one is not what it was, and what `use` throws.
   */
  async forEach(digests: Iterable<string>, use: UseImage): Promise<void> {
    const distinct = [...new Set(digests)];
    for (let at = 0; at < distinct.length; at += lotImages)
      await this.#readAll(distinct.slice(at, at + lotImages), use, new Map());
  }

  /** An image; undefined where nobody keeps it. Throws {@link DamagedArtifact} where it is not what it was. */
  async find(sha256: string): Promise<Uint8Array | undefined> {
    let found: Uint8Array | undefined;
    try {
      await this.forEach([sha256], (_, bytes) => {
        found = bytes;
      });
    } catch (error) {
      if (!(error instanceof ArtifactNotFound)) throw error;
    }
    return found;
  }

  /** `gone`: packs that they were looked for in before. */
  async #readAll(digests: readonly string[], use: UseImage, gone: ReadonlyMap<string, string>): Promise<void> {
    const places = await this.#options.registry.find(digests);
    const placed: PlacedImage[] = [];
    const unplaced: string[] = [];
    for (const sha256 of digests) {
      const place = places.get(sha256);
      if (place === undefined) unplaced.push(sha256);
      else if (place.pack === gone.get(sha256)) throw new ArtifactNotFound(this.#uriOf(place.pack));
      else placed.push({ ...place, sha256 });
    }
    await Promise.all([
      each(stretchesOf(placed), readers, (stretch) => this.#readStretch(stretch, use)),
      each(unplaced, readers, (sha256) => this.#readAlone(sha256, use)),
    ]);
  }

  async #readStretch({ pack, offset, bytes, images }: Stretch, use: UseImage): Promise<void> {
    const uri = this.#uriOf(pack);
    let stretch: Uint8Array;
    try {
      stretch = await readBytes(this.#options.store, uri, { range: { offset, bytes } });
    } catch (error) {
      if (!(error instanceof ArtifactNotFound)) throw error;
      // Since they were looked up they were moved to another pack.
      const gone = new Map(images.map(({ sha256 }) => [sha256, pack]));
      return this.#readAll([...gone.keys()], use, gone);
    }
    await each(images, users, async (image) => {
      const from = image.offset - offset;
      await useChecked(image.sha256, stretch.subarray(from, from + image.bytes), uri, use);
    });
  }

  /** As releases before packs kept it. */
  async #readAlone(sha256: string, use: UseImage): Promise<void> {
    const { registry, store, artifactsUrl } = this.#options;
    const uri = joinUri(artifactsUrl, 'images', sha256);
    let bytes: Uint8Array;
    try {
      bytes = await readBytes(store, uri);
    } catch (error) {
      // Since it was looked up it may have been put into a pack.
      if (!(error instanceof ArtifactNotFound) || !(await registry.find([sha256])).has(sha256)) throw error;
      return this.#readAll([sha256], use, new Map());
    }
    await useChecked(sha256, bytes, uri, use);
  }

  #uriOf(pack: string): string {
    return packUri(this.#options.artifactsUrl, pack);
  }
}

async function useChecked(sha256: string, bytes: Uint8Array, uri: string, use: UseImage): Promise<void> {
  if (hash('sha256', bytes) !== sha256)
    throw new DamagedArtifact(`the image ${sha256} at ${uri} is not what it was when it was taken in`);
  await use(sha256, bytes);
}

/** Works at so many items at a time, and begins no more once one has failed. */
async function each<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const item of left) {
      if (failed) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
