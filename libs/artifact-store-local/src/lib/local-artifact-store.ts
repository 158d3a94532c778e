import {
  close,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  open,
  read,
  type Stats,
  statSync,
  writeFile,
} from 'node:fs';
import { link, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  ArtifactExists,
  ArtifactForbidden,
  type ArtifactInfo,
  ArtifactNotFound,
  ArtifactOutside,
  type ArtifactRange,
  type ArtifactStore,
  ArtifactTooShort,
  type ListedArtifact,
  type ListOptions,
  type ReadOptions,
  type RemoveOptions,
} from '@adstocrat/artifact-store';
import { filesBelow } from './files-below.ts';
import { endPart, openPart, removeParts } from './object-parts.ts';
import { resolveWithin } from './resolve-within.ts';

/** {@link ArtifactStore} in folders of a local disk, by file:// URI. */
export class LocalArtifactStore implements ArtifactStore {
  async *read(uri: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    let file: number | undefined;
    try {
      file = await openFile(uri, options.within);
      // What is known of an open file is in memory: another thread costs more.
      const facts = fstatSync(file);
      const pinned = options.generation === undefined || options.generation === infoOf(uri, facts).generation;
      if (!facts.isFile() || !pinned) throw new ArtifactNotFound(uri);
      if (options.range !== undefined) return yield* stretchOf(file, facts.size, uri, options.range);
      // A stream costs several times what reading a small file does. Memory for a chunk is taken before it is known how much there is: one
      // byte more than there should be shows that it was all.
      const chunkBytes = Math.min(1 << 18, Math.max(1024, facts.size + 1));
      const passing = options.isPassing === true ? Buffer.allocUnsafeSlow(chunkBytes) : undefined;
      for (let done = 0, ended = false; !ended;) {
        const into = passing ?? Buffer.allocUnsafeSlow(chunkBytes);
        const { bytesRead, buffer } = await readInto(file, into, 0, chunkBytes, null);
        done += bytesRead;
        ended = bytesRead === 0 || (bytesRead < chunkBytes && done >= facts.size);
        if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      throw translated(uri, error);
    } finally {
      // Nothing was written: there is nothing to wait for.
      if (file !== undefined) closeSync(file);
    }
  }

  async create(uri: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ArtifactInfo> {
    const path = pathOf(uri);
    let written: Stats;
    try {
      // To look is far cheaper than to write in vain; who comes first, the link below decides.
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw new ArtifactExists(uri);
      const part = await openPart(path);
      try {
        try {
          await writeAll(part.file, bytes);
        } finally {
          await closeDescriptor(part.file);
        }
        written = statSync(part.path);
        // A hard link fails where the name is taken; a rename would replace it.
        await link(part.path, path);
      } finally {
        await endPart(path, part);
      }
    } catch (error) {
      throw translated(uri, error);
    }
    try {
      // Of what was just written the facts are in memory. Its generation is settled now that its part is gone.
      const facts = statSync(path);
      if (!isSame(written, facts)) throw new ArtifactNotFound(uri);
      return infoOf(uri, facts);
    } catch (error) {
      throw translated(uri, error);
    }
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

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<ListedArtifact> {
    const path = pathOf(prefix);
    const folder = prefix.endsWith('/') ? path : dirname(path);
    const wanted = pathToFileURL(path).href;
    const found: { readonly uri: string; readonly path: string; readonly isLink: boolean }[] = [];
    try {
      for (const entry of await filesBelow(folder)) {
        const at = join(entry.parentPath, entry.name);
        const uri = pathToFileURL(at).href;
        if (!uri.startsWith(wanted)) continue;
        if (entry.isFile() || entry.isSymbolicLink()) found.push({ uri, path: at, isLink: entry.isSymbolicLink() });
        else options.onLeftOut?.(uri, 'not a plain file');
      }
    } catch (error) {
      throw translated(prefix, error);
    }
    for (const { uri, path: at, isLink } of found.sort((a, b) => (a.uri < b.uri ? -1 : 1))) {
      const reason = isLink ? await objectionTo(folder, relative(folder, at)) : undefined;
      const facts = reason === undefined ? await statOf(uri) : undefined;
      if (facts !== undefined) yield Object.assign(infoOf(uri, facts), { writtenAtMs: Math.floor(facts.mtimeMs) });
      else if (reason !== undefined) options.onLeftOut?.(uri, reason);
    }
  }

  async remove(uri: string, { generation }: RemoveOptions = {}): Promise<void> {
    if (generation !== undefined) {
      const facts = await statOf(uri);
      if (facts === undefined || infoOf(uri, facts).generation !== generation) return;
    }
    const path = pathOf(uri);
    try {
      await rm(path, { force: true });
      // What one left that was killed as it wrote. One that is at it finds no place for the object, and says so.
      if (generation === undefined) await removeParts(path);
    } catch (error) {
      const told = translated(uri, error);
      if (!(told instanceof ArtifactNotFound)) throw told;
    }
  }

  /** The folder itself stays. What is written meanwhile is tried again. */
  async clear(folder: string): Promise<void> {
    const path = pathOf(folder);
    try {
      for (const name of await readdir(path))
        await rm(join(path, name), { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      const told = translated(folder, error);
      if (!(told instanceof ArtifactNotFound)) throw told;
    }
  }
}

const openDescriptor = promisify(open);
const readInto = promisify(read);
const writeFrom = promisify(writeFile);
const closeDescriptor = promisify(close);

/** Bytes that are gathered before they are written. */
const gatheredBytes = 1 << 18;

async function writeAll(file: number, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  let [gathered, length]: [Uint8Array[], number] = [[], 0];
  const flush = async (): Promise<void> => {
    const all = gathered.length === 1 ? gathered[0] : Buffer.concat(gathered);
    [gathered, length] = [[], 0];
    if (all !== undefined) await writeFrom(file, all);
  };
  for await (const chunk of bytes) {
    gathered.push(chunk);
    length += chunk.length;
    if (length >= gatheredBytes) await flush();
  }
  await flush();
}

/** What is asked for is as long as is said: it is read at once, up to 8 MiB. */
const stretchBytes = 1 << 23;

async function* stretchOf(file: number, size: number, uri: string, range: ArtifactRange): AsyncGenerator<Uint8Array> {
  const end = range.offset + range.bytes;
  if (end > size) throw new ArtifactTooShort(uri, range);
  for (let at = range.offset; at < end;) {
    const length = Math.min(stretchBytes, end - at);
    const { bytesRead, buffer } = await readInto(file, Buffer.allocUnsafeSlow(length), 0, length, at);
    if (bytesRead === 0) throw new ArtifactTooShort(uri, range);
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Never waits, as opening a FIFO for reading would. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/** Links are resolved: one that is put there in the meantime is not followed. */
const resolvedFlags = openFlags | constants.O_NOFOLLOW;

async function openFile(uri: string, within: string | undefined): Promise<number> {
  const path = pathOf(uri);
  if (within === undefined) return openDescriptor(path, openFlags);
  const folder = pathOf(within);
  const below = relative(folder, path);
  // Where only the last name may be a link, it is nearly always none: opening it tells.
  if (basename(below) === below && below !== '..') {
    const file = await openDescriptor(path, resolvedFlags).catch(ifLink);
    if (file !== undefined) return file;
  }
  const inside = await resolveWithin(folder, below);
  if (inside === undefined) throw new ArtifactOutside(uri);
  return openDescriptor(inside, resolvedFlags);
}

/** The answer to a symbolic link that was not to be followed. */
function ifLink(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error;
}

/** Why a symbolic link among a folder's files is no object; undefined where it is one. */
async function objectionTo(folder: string, link: string): Promise<string | undefined> {
  try {
    const target = await resolveWithin(folder, link);
    if (target === undefined) return 'a symbolic link that leaves the folder is not followed';
    return (await stat(target)).isFile() ? undefined : 'a symbolic link to a folder is not followed';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'a symbolic link that leads nowhere';
    throw error;
  }
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw new TypeError(`a local artifact is named by file:///folder/name, got ${uri}`, { cause: error });
  }
}

/** Undefined where it is gone. */
async function statOf(uri: string): Promise<Stats | undefined> {
  try {
    return await stat(pathOf(uri));
  } catch (error) {
    const told = translated(uri, error);
    if (told instanceof ArtifactNotFound) return undefined;
    throw told;
  }
}

/** Whether a file under another name is still the one that was written: an inode's number is given again. */
function isSame(written: Stats, facts: Stats): boolean {
  return written.ino === facts.ino && written.mtimeMs === facts.mtimeMs && written.size === facts.size;
}

/** mtime alone has the clock's grain: the inode tells two quick writes apart, the size a third. */
function infoOf(uri: string, facts: Stats): ArtifactInfo {
  return { uri, bytes: facts.size, generation: `${facts.ino}-${facts.ctimeMs}-${facts.size}` };
}

function translated(uri: string, error: unknown): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return new ArtifactNotFound(uri, { cause: error });
    case 'EEXIST':
      return new ArtifactExists(uri, { cause: error });
    case 'ELOOP':
      return new ArtifactOutside(uri, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new ArtifactForbidden(uri, { cause: error });
    default:
      return error;
  }
}
