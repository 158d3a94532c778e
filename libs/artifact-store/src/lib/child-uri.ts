import { joinUri } from './reading.ts';

/** What a path may not hold. A backslash is a separator to some, and a path that some read otherwise is no path. */
const forbidden = /[\u0000-\u001f\u007f\\]/;

/** Characters of a path, at most. */
const longest = 1024;

/**
 * The URI of a path below a folder's or prefix's URI: of a name that a stranger gave. Undefined where the path is empty, absolute or
 * longer than 1024 characters, holds a control character or a backslash, or leaves the base after normalisation, read as it stands or percent-decoded. Symbolic
 * links are the store's to resolve: read with `within`.
 */
export function childUri(base: string, path: string): string | undefined {
  if (path.length > longest || !path.isWellFormed() || forbidden.test(path)) return undefined;
  const names = normalized(path);
  if (names === undefined) return undefined;
  if (/%[0-9a-f]{2}/i.test(path)) {
    const decoded = path.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (forbidden.test(decoded) || normalized(decoded) === undefined) return undefined;
  }
  // A file URI escapes what a URL would read otherwise; an object's name is taken as it is.
  return joinUri(base, ...(base.startsWith('file:') ? names.map(encodeURIComponent) : names));
}

/** The path of an object below a folder's or prefix's URI, as it is called there: what {@link childUri} takes. */
export function pathBelow(base: string, uri: string): string {
  const path = uri.slice(joinUri(base, '/').length);
  return base.startsWith('file:') ? decodeURIComponent(path) : path;
}

/** The names of a relative path without `.` and `..`; undefined where it is empty, absolute or leaves its base. */
function normalized(path: string): readonly string[] | undefined {
  if (path.startsWith('/') || /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return undefined;
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names.length === 0 ? undefined : names;
}
