import { ArtifactNotFound } from '@adstocrat/artifact-store';
import type { ImagePlace } from '@adstocrat/metadata';
import { packUri } from '@adstocrat/stored-images';
import { limited } from '../span/limited.ts';
import type { HoldsImages } from './image-marks.ts';
import { packBytes } from './pack-bytes.ts';
import { type ImageContent, type PackParts, writePack } from './write-pack.ts';

/** Keeps images, each content once, in packs. What it holds is in memory: two packs, and the images that wait for it. */
export class ImagePacker {
  readonly #parts: PackParts;
  readonly #marks: HoldsImages;
  readonly #anyMarked: boolean;
  readonly #inTurn = limited(1);
  readonly #seen = new Set<string>();
  /** Packs that are there. */
  readonly #packs = new Set<string>();
  /** Not looked for yet. */
  #waiting: ImageContent[] = [];
  #waitingBytes = 0;
  /** Not there when they were looked for. */
  #fresh: ImageContent[] = [];
  #freshBytes = 0;

  /** `anyMarked`: whether there was any mark, looked for before the first image. */
  constructor(parts: PackParts, marks: HoldsImages, anyMarked: boolean) {
    this.#parts = parts;
    this.#marks = marks;
    this.#anyMarked = anyMarked;
  }

  /** Waits where there is as much as can be held. Once {@link end} is done the image is kept for as long as the attempt at a span is in progress. */
  async keep(image: ImageContent): Promise<void> {
    if (this.#seen.has(image.sha256)) return;
    this.#seen.add(image.sha256);
    this.#waiting.push(image);
    this.#waitingBytes += image.bytes.length;
    if (this.#waitingBytes >= packBytes) await this.#inTurn(() => this.#look(packBytes));
  }

  /** Writes what is left. */
  end(): Promise<void> {
    return this.#inTurn(() => this.#look(1));
  }

  /** Looks for those that wait, and writes the others, where either are so many bytes. */
  async #look(leastBytes: number): Promise<void> {
    const { registry } = this.#parts;
    if (this.#waitingBytes >= leastBytes) {
      const images = this.#waiting;
      [this.#waiting, this.#waitingBytes] = [[], 0];
      const digests = images.map(({ sha256 }) => sha256);
      if (this.#anyMarked) await this.#marks.hold(digests, (going) => registry.remove(going));
      const known = await this.#there(await registry.find(digests));
      for (const image of images) {
        if (known.has(image.sha256)) continue;
        this.#fresh.push(image);
        this.#freshBytes += image.bytes.length;
      }
    }
    if (this.#freshBytes < leastBytes) return;
    const fresh = this.#fresh;
    [this.#fresh, this.#freshBytes] = [[], 0];
    await writePack(this.#parts, fresh, (pack, images) => registry.place(pack, images));
  }

  /**
   * Those of the images whose packs are there, each of which is looked for once. A registry that was restored from a backup may name packs
   * that are gone by now: what lay in them is forgotten, and written anew.
   */
  async #there(known: ReadonlyMap<string, ImagePlace>): Promise<ReadonlySet<string>> {
    const { registry, store, artifactsUrl } = this.#parts;
    const atOnce = limited(16);
    const named = new Set(Array.from(known.values(), ({ pack }) => pack));
    const unseen = [...named].filter((pack) => !this.#packs.has(pack));
    const look = async (pack: string): Promise<void> => {
      try {
        await store.stat(packUri(artifactsUrl, pack));
        this.#packs.add(pack);
      } catch (error) {
        if (!(error instanceof ArtifactNotFound)) throw error;
      }
    };
    await Promise.all(unseen.map((pack) => atOnce(() => look(pack))));
    const lost = [...known].filter(([, { pack }]) => !this.#packs.has(pack));
    if (lost.length > 0) await registry.remove(lost.map(([sha256, { pack }]) => ({ sha256, pack })));
    return new Set([...known].filter(([, { pack }]) => this.#packs.has(pack)).map(([sha256]) => sha256));
  }
}
