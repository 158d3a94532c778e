import { lstat, readlink, realpath } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';

/** Symbolic links on one path, at most: as the kernel's own limit. */
const linkLimit = 40;

/**
 * The path that a relative path below a folder leads to, symbolic links resolved. Undefined where it leaves the folder: found out
 * without a look outside, so that nothing is learned of what is there. Throws ENOENT for a name that is not there.
 */
export async function resolveWithin(folder: string, relative: string): Promise<string | undefined> {
  const root = await realpath(folder);
  const ahead = relative.split(sep).reverse();
  let names: string[] = [];
  let links = 0;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (names.pop() === undefined) return undefined;
      continue;
    }
    const path = join(root, ...names, name);
    if (!(await lstat(path)).isSymbolicLink()) {
      names.push(name);
      continue;
    }
    links += 1;
    if (links > linkLimit) return undefined;
    const target = await readlink(path);
    if (!isAbsolute(target)) ahead.push(...target.split(sep).reverse());
    else if (target === root || target.startsWith(`${root}${sep}`)) {
      ahead.push(...target.slice(root.length).split(sep).reverse());
      names = [];
    } else return undefined;
  }
  return join(root, ...names);
}
