import { globPattern } from './glob.ts';
import { tableEnding } from './table-file.ts';

/** Ends of files of rows that a glob takes beside the one it was made for: what is packed one month is not the next. */
const alike: readonly (readonly string[])[] = [
  ['.csv', '.csv.gz'],
  ['.tsv', '.tsv.gz'],
  ['.jsonl', '.jsonl.gz'],
  ['.ndjson', '.ndjson.gz'],
];

/**
 * Globs for files that are there, wide enough for those that come next month: all that lie where they lie, or all that are called
 * as they are. None matches a path of `others`; where no glob is so, the paths themselves.
 */
export function globsOf(paths: readonly string[], others: readonly string[]): readonly string[] {
  const folder = commonFolder(paths);
  const sameFolder = paths.every((path) => path.lastIndexOf('/') === folder.length - 1);
  const stems = sameFolder ? [`${folder}*`, `${folder}${commonStem(paths, folder)}*`] : [`${folder}**/*`];
  const ends = [...new Set(paths.map(tableEnding))];
  const beside = alike.filter((some) => some.some((end) => ends.includes(end))).flat();
  const all = [...new Set([...beside, ...ends])];
  for (const stem of stems) {
    const globs = all.map((end) => `${stem}${end}`);
    const patterns = globs.map(globPattern);
    const matches = (path: string): boolean => patterns.some((pattern) => pattern.test(path));
    if (paths.every(matches) && !others.some(matches)) return globs;
  }
  return paths;
}

/** The deepest folder that all lie in, with a slash at its end; `''` is the data's own. */
function commonFolder(paths: readonly string[]): string {
  const [first = '', ...rest] = paths.map((path) => path.split('/').slice(0, -1));
  const names = [...first];
  for (const other of rest) while (names.some((name, index) => other[index] !== name)) names.pop();
  return names.map((name) => `${name}/`).join('');
}

/** What all names begin with, up to where they begin to count: `clicks-` of clicks-2026-01.csv. */
function commonStem(paths: readonly string[], folder: string): string {
  const [first = '', ...rest] = paths.map((path) => path.slice(folder.length, -tableEnding(path).length));
  let length = first.length;
  for (const other of rest) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length).replace(/\d[\d\W_]*$/, '');
}
