import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where a place lies once symbolic links are followed, those of what is there: of a folder that does not exist, the one above that does. */
export async function realPlace(uri: string): Promise<string> {
  if (!uri.startsWith('file:')) return uri;
  const path = fileURLToPath(uri);
  for (let there = path; ; there = dirname(there))
    try {
      return pathToFileURL((await realpath(there)) + path.slice(there.length)).href;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || there === dirname(there)) throw error;
    }
}
