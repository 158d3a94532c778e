/** Where an image lies: a stretch of a pack, which is an object of the artifact store. */
export interface ImagePlace {
  /** Name of the pack, given once for ever. */
  readonly pack: string;
  readonly offset: number;
  readonly bytes: number;
}

/** An image of one pack. */
export interface PackedImage extends Omit<ImagePlace, 'pack'> {
  /** Hex, of its content. */
  readonly sha256: string;
}

/** A pack as it is used. */
export interface PackUse {
  readonly pack: string;
  readonly bytes: number;
  /** Bytes of the images that lie in it. */
  readonly used: number;
}

export interface Images {
  /** Where these images lie, by digest; those that nobody keeps are left out. */
  find(digests: readonly string[]): Promise<ReadonlyMap<string, ImagePlace>>;
}

/** Images by content, each in one pack. Writer: ingestion. */
export interface ImageRegistry extends Images {
  /** Images that were placed before a wall time, Unix milliseconds, or are forgotten, ascending by digest. What is placed meanwhile may be left out. */
  list(beforeMs: number): AsyncIterable<PackedImage & ImagePlace>;
  /** Names a pack, before it is written. */
  beginPack(bytes: number): Promise<string>;
  /** Says what lies in a pack that is written. An image that lies elsewhere stays there. Throws {@link PackGone}. */
  place(pack: string, images: readonly PackedImage[]): Promise<void>;
  /** Says of images that lay in one pack that they lie in another one that is written, if they still are where they were. Throws {@link PackGone}. */
  move(from: string, to: string, images: readonly PackedImage[]): Promise<void>;
  /** From now on no age keeps these images once they are named nowhere, and no pack their bytes, wherever these lie. */
  forget(digests: readonly string[]): Promise<void>;
  /** What {@link forget} and {@link forgetFiles} said of images that are named again is taken back, wherever their bytes lie. */
  recall(digests: readonly string[]): Promise<void>;
  /** Images are to be forgotten whose bytes lie in a file, beside packs, which stays for now. */
  forgetFiles(digests: readonly string[]): Promise<void>;
  /** Such files are not there any more. */
  filesRemoved(digests: readonly string[]): Promise<void>;
  /**
   * Of these images those that are still to be forgotten are so wherever their bytes lie by now, also in files, where these stay; their
   * other files are not there any more. Nothing is said of those that were recalled.
   */
  forgetAsYet(digests: readonly string[], leftFiles: readonly string[]): Promise<void>;
  /** Digests of images that were to be forgotten and whose bytes may still be in the store, ascending, each once. What is forgotten meanwhile may be left out. */
  forgotten(): AsyncIterable<string>;
  /** Images that lie in these very packs are not there any more; their bytes stay in the packs. */
  remove(images: readonly { readonly sha256: string; readonly pack: string }[]): Promise<void>;
  /** Packs of which less than these bytes, or less than half, are used, or in which bytes are that are forgotten; none that no image lies in. */
  sparsePacks(belowBytes: number): Promise<readonly PackUse[]>;
  /** What lies in a pack, in its order. */
  imagesIn(pack: string): Promise<readonly PackedImage[]>;
  /** All packs in which no image lies, those that were condemned before among them: from now on none is placed in them. */
  condemnPacks(): Promise<readonly string[]>;
  /**
   * Condemned packs whose objects are removed hold nothing any more. Those that were begun before a wall time, Unix milliseconds, are
   * no longer known: until then one that is written late is removed again.
   */
  forgetPacks(packs: readonly string[], begunBeforeMs: number): Promise<void>;
}

/** The pack was condemned before anything was placed in it: it is to be written anew, by another name. */
export class PackGone extends Error {
  override readonly name = 'PackGone';
}
