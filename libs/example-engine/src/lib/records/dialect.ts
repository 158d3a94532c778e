import { RecordReader } from './record-reader.ts';

export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

/**
 * The encoding of a text that begins with these bytes, and the length of its byte order mark. Without a mark: UTF-16 where every
 * other byte of what looks like ASCII is NUL; Windows-1252 where several lines have letters beyond ASCII and none of them is UTF-8;
 * else UTF-8.
 */
export function encodingOf(head: Uint8Array): { readonly encoding: Encoding; readonly mark: number } {
  const [a, b, c] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', mark: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', mark: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', mark: 2 };
  const some = head.subarray(0, 256);
  const nuls = [0, 1].map((parity) => some.filter((byte, at) => at % 2 === parity && byte === 0).length);
  const most = some.length * 0.4;
  if (some.length >= 4 && (nuls[1] ?? 0) > most && nuls[0] === 0) return { encoding: 'utf-16le', mark: 0 };
  if (some.length >= 4 && (nuls[0] ?? 0) > most && nuls[1] === 0) return { encoding: 'utf-16be', mark: 0 };
  return { encoding: isWindows1252(head) ? 'windows-1252' : 'utf-8', mark: 0 };
}

function isWindows1252(head: Uint8Array): boolean {
  if (head.includes(0)) return false;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [beyond, start] = [0, 0];
  for (let at = 0; at < head.length; at += 1) {
    if (head[at] !== 10) continue;
    const line = head.subarray(start, at);
    start = at + 1;
    if (!line.some((byte) => byte > 127)) continue;
    try {
      decoder.decode(line);
      return false;
    } catch {
      beyond += 1;
    }
  }
  return beyond >= 3;
}

/** Records that are looked at to find the delimiter. */
const looked = 200;

/**
 * The delimiter of a text that begins with these bytes (UTF-8): the one by which the most records have as many fields as the first,
 * two at least; of equals the one that gives more fields, then the first of {@link delimiters}. A comma where none does. Where it is known
 * how many fields a record has, `due`, only one that gives so many in most records, if there is one. A first line {@link separatorLine}
 * decides. Blank lines above all others tell nothing, whatever stands between their blanks.
 */
export function delimiterOf(head: Uint8Array, due?: number): Delimiter {
  const named = separatorLine(new TextDecoder().decode(head.subarray(0, 16)).split(/[\r\n]/, 1)[0] ?? '');
  const declared = delimiters.find((one) => one === named);
  if (declared !== undefined) return declared;
  return (due === undefined ? undefined : bestDelimiter(head, due)) ?? bestDelimiter(head) ?? ',';
}

/** The delimiter that a first line is about, as Excel reads it: `sep=;`. Undefined for any other line. */
export function separatorLine(line: string): string | undefined {
  return /^"?sep=(.)"?$/i.exec(line)?.[1];
}

function bestDelimiter(head: Uint8Array, due?: number): Delimiter | undefined {
  let best: { readonly delimiter: Delimiter; readonly share: number; readonly fields: number } | undefined;
  for (const delimiter of delimiters) {
    const counts: number[] = [];
    const reader = new RecordReader(delimiter, {
      record({ bytes, start, end, fields }) {
        if (counts.length === looked || (counts.length === 0 && isBlank(bytes, start, end))) return;
        counts.push(fields);
      },
      bad: () => counts.length < looked && counts.push(0),
    });
    reader.write(head);
    const fields = due ?? counts[0] ?? 1;
    if (fields < 2 || !counts.includes(fields)) continue;
    const share = counts.filter((count) => count === fields).length / counts.length;
    // One comma among tabs is no delimiter, whatever is due.
    if (due !== undefined && share <= 0.5) continue;
    if (best === undefined || share > best.share || (share === best.share && fields > best.fields))
      best = { delimiter, share, fields };
  }
  return best?.delimiter;
}

/** Nothing but blanks and delimiters, as a spreadsheet writes rows without a value. */
function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (!blanks.has(bytes[at] ?? 0)) return false;
  return true;
}

const blanks: ReadonlySet<number> = new Set([' ', ...delimiters].map((one) => one.charCodeAt(0)));
