import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  ArtifactExists,
  ArtifactForbidden,
  type ArtifactInfo,
  ArtifactNotFound,
  type ArtifactStore,
} from '@adstocrat/artifact-store';

/** Names that a write in progress has; never listed. */
const temporary = '.adstocrat-part-';

/** {@link ArtifactStore} in folders of a local disk, by file:// URI. */
export class LocalArtifactStore implements ArtifactStore {
  async *read(uri: string, options: { readonly generation?: string } = {}): AsyncGenerator<Uint8Array> {
    const info = await this.stat(uri);
    if (options.generation !== undefined && options.generation !== info.generation) throw new ArtifactNotFound(uri);
    try {
      for await (const chunk of createReadStream(pathOf(uri), { highWaterMark: 1 << 18 })) yield chunk as Uint8Array;
    } catch (error) {
      throw translated(uri, error);
    }
  }

  async create(uri: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ArtifactInfo> {
    const path = pathOf(uri);
    const partial = join(dirname(path), `${temporary}${randomUUID()}`);
    try {
      await mkdir(dirname(path), { recursive: true });
      await pipeline(bytes, createWriteStream(partial, { flags: 'wx' }));
      // A hard link fails where the name is taken; a rename would replace it.
      await link(partial, path);
    } catch (error) {
      throw translated(uri, error);
    } finally {
      await rm(partial, { force: true });
    }
    return this.stat(uri);
  }

  async stat(uri: string): Promise<ArtifactInfo> {
    try {
      const facts = await stat(pathOf(uri));
      if (!facts.isFile()) throw new ArtifactNotFound(uri);
      return infoOf(uri, facts);
    } catch (error) {
      throw translated(uri, error);
    }
  }

  async *list(prefix: string): AsyncGenerator<ArtifactInfo> {
    const path = pathOf(prefix);
    const folder = prefix.endsWith('/') ? path : dirname(path);
    let uris: readonly string[];
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      uris = entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith(temporary))
        .map((entry) => pathToFileURL(join(entry.parentPath, entry.name)).href);
    } catch (error) {
      throw translated(prefix, error);
    }
    const wanted = pathToFileURL(path).href;
    for (const uri of uris.filter((one) => one.startsWith(wanted)).sort()) yield await this.stat(uri);
  }

  async remove(uri: string): Promise<void> {
    await rm(pathOf(uri), { force: true });
  }
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw new TypeError(`a local artifact is named by file:///folder/name, got ${uri}`, { cause: error });
  }
}

/** mtime alone has the clock's grain: the inode tells two quick writes apart, the size a third. */
function infoOf(uri: string, facts: Stats): ArtifactInfo {
  return { uri, bytes: facts.size, generation: `${facts.ino}-${facts.ctimeMs}-${facts.size}` };
}

function translated(uri: string, error: unknown): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new ArtifactNotFound(uri, { cause: error });
    case 'EEXIST':
      return new ArtifactExists(uri, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new ArtifactForbidden(uri, { cause: error });
    default:
      return error;
  }
}
