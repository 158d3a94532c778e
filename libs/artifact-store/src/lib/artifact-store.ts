/** An object as listed. `generation` changes whenever the content does. */
export interface ArtifactInfo {
  readonly uri: string;
  readonly bytes: number;
  readonly generation: string;
}

/** An object of a listing. */
export interface ListedArtifact extends ArtifactInfo {
  /** When it was written, by the store's clock, Unix milliseconds; NaN where the store does not say. */
  readonly writtenAtMs: number;
}

export interface RemoveOptions {
  /** Removes what was listed, and leaves another content that has come in its place. On a local disk the look and the removal are two steps. */
  readonly generation?: string;
}

export interface ReadOptions {
  /** Pins what was listed: another content is {@link ArtifactNotFound}. */
  readonly generation?: string;
  /**
   * URI of a folder or prefix that the object has to lie in, symbolic links resolved; else {@link ArtifactOutside}, whether there is
   * something or not. For names that a stranger gave.
   */
  readonly within?: string;
  /** The reader keeps no piece: each may be written over once the next is asked for. Files of many megabytes cost no new memory then. */
  readonly isPassing?: boolean;
  /** A stretch of the object, which has to have it. What a store checks of whole objects, it may not be able to check of a stretch. */
  readonly range?: ArtifactRange;
}

/** Bytes of an object. */
export interface ArtifactRange {
  readonly offset: number;
  /** At least 1. */
  readonly bytes: number;
}

export interface ListOptions {
  /** Told of each entry that is no object and was left out, with the reason. */
  readonly onLeftOut?: (uri: string, reason: string) => void;
}

/** Objects by URI (gs://bucket/name, file:///folder/name). A write is whole or absent: no reader ever sees half of one. */
export interface ArtifactStore {
  /**
   * Streams one object's bytes. Throws {@link ArtifactNotFound}, also for what is no plain file, and {@link ArtifactTooShort} where it
   * ends before the range that was asked for.
   */
  read(uri: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Creates an object. Throws {@link ArtifactExists} if one is there: artifacts are never overwritten. */
  create(uri: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ArtifactInfo>;
  /** The object's facts. Throws {@link ArtifactNotFound}. */
  stat(uri: string): Promise<ArtifactInfo>;
  /**
   * Objects whose URI starts with the prefix, ascending by name. Throws {@link ArtifactNotFound} for no such bucket or folder. A
   * symbolic link to a file of the same folder tree is an object; one that leaves it, or leads to a folder, is left out. So is what is
   * removed meanwhile.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListedArtifact>;
  /** Removes an object, if there. For what was left half-done, or what nothing needs any more. */
  remove(uri: string, options?: RemoveOptions): Promise<void>;
  /** Removes all that lies in a folder, with what interrupted writes left there; a folder that is not there is as good. */
  clear(folder: string): Promise<void>;
}

/** Nothing at this URI: no such object, bucket or folder. */
export class ArtifactNotFound extends Error {
  override readonly name = 'ArtifactNotFound';
  readonly uri: string;
  constructor(uri: string, options?: ErrorOptions) {
    super(`nothing at ${uri}`, options);
    this.uri = uri;
  }
}

/** An object is there already, or changed since it was listed. */
export class ArtifactExists extends Error {
  override readonly name = 'ArtifactExists';
  readonly uri: string;
  constructor(uri: string, options?: ErrorOptions) {
    super(`already there: ${uri}`, options);
    this.uri = uri;
  }
}

/** The store refuses: no permission for this URI. */
export class ArtifactForbidden extends Error {
  override readonly name = 'ArtifactForbidden';
  readonly uri: string;
  constructor(uri: string, options?: ErrorOptions) {
    super(`no permission for ${uri}`, options);
    this.uri = uri;
  }
}

/** The object lies outside of the folder or prefix that it was asked to lie in. Says nothing of whether it is there. */
export class ArtifactOutside extends Error {
  override readonly name = 'ArtifactOutside';
  readonly uri: string;
  constructor(uri: string, options?: ErrorOptions) {
    super(`${uri} lies outside of its folder`, options);
    this.uri = uri;
  }
}

/** Fewer bytes than the range that was asked for. */
export class ArtifactTooShort extends Error {
  override readonly name = 'ArtifactTooShort';
  readonly uri: string;
  constructor(uri: string, { offset, bytes }: ArtifactRange, options?: ErrorOptions) {
    super(`${uri} ends before the ${bytes} bytes from byte ${offset} on`, options);
    this.uri = uri;
  }
}

/** More bytes than the reader takes. */
export class ArtifactTooLarge extends Error {
  override readonly name = 'ArtifactTooLarge';
  readonly uri: string;
  constructor(uri: string, maxBytes: number) {
    super(`${uri} has more than ${maxBytes} bytes`);
    this.uri = uri;
  }
}
