/** An object as listed. `generation` changes whenever the content does. */
export interface ArtifactInfo {
  readonly uri: string;
  readonly bytes: number;
  readonly generation: string;
}

/** Objects by URI (gs://bucket/name, file:///folder/name). A write is whole or absent: no reader ever sees half of one. */
export interface ArtifactStore {
  /** Streams one object's bytes. Throws {@link ArtifactNotFound}. `generation` pins what was listed. */
  read(uri: string, options?: { readonly generation?: string }): AsyncIterable<Uint8Array>;
  /** Creates an object. Throws {@link ArtifactExists} if one is there: artifacts are never overwritten. */
  create(uri: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ArtifactInfo>;
  /** The object's facts. Throws {@link ArtifactNotFound}. */
  stat(uri: string): Promise<ArtifactInfo>;
  /** Objects whose URI starts with the prefix, ascending by name. Throws {@link ArtifactNotFound} for no such bucket or folder. */
  list(prefix: string): AsyncIterable<ArtifactInfo>;
  /** Removes an object, if there. For what was left half-done; a finished artifact is never removed. */
  remove(uri: string): Promise<void>;
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
