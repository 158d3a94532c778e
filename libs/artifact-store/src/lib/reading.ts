import { type ArtifactInfo, type ArtifactStore, ArtifactTooLarge, type ReadOptions } from './artifact-store.ts';

/** Joins a base URI and names with single slashes: `gs://b/p/` and `x/y` give `gs://b/p/x/y`. */
export function joinUri(base: string, ...names: readonly string[]): string {
  return names.reduce(
    (uri, name) => (name === '' ? uri : `${uri.replace(/\/+$/, '')}/${name.replace(/^\/+/, '')}`),
    base,
  );
}

/**
 * A whole object in memory, not to be changed: it may be the store's own. Throws {@link ArtifactTooLarge} as soon as more than `maxBytes`
 * have come; default: no limit.
 */
export async function readBytes(
  store: ArtifactStore,
  uri: string,
  options: ReadOptions & { readonly maxBytes?: number } = {},
): Promise<Uint8Array> {
  const { maxBytes = Infinity, ...read } = options;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of store.read(uri, read)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new ArtifactTooLarge(uri, maxBytes);
  }
  const [only, more] = chunks;
  // What came whole is not copied: memory outside of the heap costs more than its bytes.
  if (only !== undefined && more === undefined) return new Uint8Array(only.buffer, only.byteOffset, only.length);
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

export async function readText(store: ArtifactStore, uri: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(store, uri));
}

/** An object parsed as JSON. The caller names the type that the writer documents. */
export async function readJson<T>(store: ArtifactStore, uri: string): Promise<T> {
  const text = await readText(store, uri);
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new Error(`${uri} is not JSON`, { cause: error });
  }
}

export function createText(store: ArtifactStore, uri: string, text: string): Promise<ArtifactInfo> {
  return store.create(uri, [new TextEncoder().encode(text)]);
}

export function createJson(store: ArtifactStore, uri: string, value: unknown): Promise<ArtifactInfo> {
  return createText(store, uri, JSON.stringify(value));
}
