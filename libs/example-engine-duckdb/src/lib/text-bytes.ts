import {
  BadData,
  type Comments,
  commentsAbove,
  type DataFile,
  delimiterOf,
  encodingOf,
  type ScanOptions,
  type TextFormat,
} from '@adstocrat/example-engine';
import { leadingBytes, unpackedBytes, type UnpackOptions } from './unpacked-bytes.ts';

/** Bytes by which a file's encoding and delimiter are told. */
const headBytes = 1 << 18;

const lineFeed = 10;

/** How files begin that are sometimes taken for text, and what to do with them. */
const notText: readonly (readonly [magic: string, what: string])[] = [
  ['PK\u0003\u0004', 'a zip archive (or a workbook): unpack it, or save it as CSV'],
  ['7z\u00bc\u00af', 'a 7z archive: unpack it'],
  ['BZh', 'a bzip2 archive: unpack it'],
  ['\u00fd7zXZ', 'an xz archive: unpack it'],
  ['ORC', 'an ORC file: write it as Parquet'],
  ['Obj\u0001', 'an Avro file: write it as Parquet'],
  ['ARROW1', 'an Arrow (Feather) file: write it as Parquet'],
  ['SQLite format 3\u0000', 'a database of SQLite: write its rows as CSV'],
  ['\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1', 'an old workbook: save it as CSV'],
  ['\u0089HDF\r\n', 'an HDF5 file: write it as Parquet'],
  ['Rar!', 'a RAR archive: unpack it'],
  ['\u0004\u0022M\u0018', 'an lz4 archive: unpack it'],
  ['%PDF', 'a PDF'],
  ['PAR1', 'a Parquet file that was packed or is taken for text: unpack it, and leave data.format to be told'],
];

/** What a tar archive has within its first header. */
const tarMagic = { at: 257, text: 'ustar' };

/** A text file: how it is written, and its bytes in UTF-8, without a byte order mark and the comments above. */
export interface TextBytes {
  readonly kind: 'csv' | 'jsonl';
  readonly format: TextFormat;
  /** The file itself is these bytes, below the comments: it is not packed, and begins with no mark. */
  readonly isAsItLies: boolean;
  /** Lines of CSV that are no records. */
  readonly comments: Comments;
  /** The first of `bytes`. */
  readonly sample: Uint8Array;
  /** From below the comments on: a quote in one of them opens no field. A piece may be written over once the next is asked for. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Looks at the beginning of a file, or takes what is declared. */
export async function textBytes(
  file: DataFile,
  declared: Omit<ScanOptions, 'lists' | 'onProgress'>,
  unpack: UnpackOptions = {},
): Promise<TextBytes> {
  const chunks = unpackedBytes(file, unpack);
  const head: Uint8Array[] = [];
  let length = 0;
  while (length < headBytes) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    head.push(Uint8Array.from(value));
    length += value.length;
  }
  const start = Buffer.concat(head);
  const other = notText.find(([magic]) => start.subarray(0, magic.length).equals(Buffer.from(magic, 'latin1')));
  if (other !== undefined) throw new BadData(`${file.name} is no text file but ${other[1]}`);
  if (start.subarray(tarMagic.at, tarMagic.at + 5).toString('latin1') === tarMagic.text)
    throw new BadData(`${file.name} is no text file but a tar archive: unpack it`);
  const found = encodingOf(start.subarray(0, headBytes));
  const encoding = declared.encoding ?? found.encoding;
  const decoded = async function* (): AsyncGenerator<Uint8Array> {
    const mark = encoding === found.encoding ? found.mark : 0;
    const decoder = encoding === 'utf-8' ? undefined : new TextDecoder(encoding);
    const encoder = new TextEncoder();
    const utf8 = (bytes: Uint8Array): Uint8Array =>
      decoder === undefined ? bytes : encoder.encode(decoder.decode(bytes, { stream: true }));
    yield utf8(start.subarray(mark));
    for await (const chunk of chunks) yield utf8(chunk);
    if (decoder !== undefined) yield encoder.encode(decoder.decode());
  };
  const bytes = decoded();
  const first = await bytes.next();
  const whole = first.done === true ? new Uint8Array(0) : first.value;
  const kind = textKind(file.name, whole, declared.kind);
  const looked = wholeLines(whole, headBytes);
  const due = declared.columns?.names.length;
  const comments = commentsAbove(looked, {
    ...(kind === 'jsonl' ? { mark: '' } : declared.comment !== undefined && { mark: declared.comment }),
    ...(declared.delimiter && { delimiter: declared.delimiter }),
    ...(due !== undefined && { due }),
  });
  const told = declared.delimiter ?? comments.delimiter;
  const delimiter = kind === 'jsonl' ? ',' : (told ?? delimiterOf(looked.subarray(comments.bytes), due));
  const sample = whole.subarray(comments.bytes);
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield sample;
    yield* bytes;
  };
  const isAsItLies = encoding === 'utf-8' && whole.length > 3 && startsAs(whole, await leadingBytes(file.path, 4));
  return { kind, format: { encoding, delimiter }, isAsItLies, comments, sample, bytes: all() };
}

/** The first bytes of a text up to the end of a line, where one ends among them. */
function wholeLines(text: Uint8Array, most: number): Uint8Array {
  if (text.length <= most) return text;
  const end = text.lastIndexOf(lineFeed, most - 1);
  return text.subarray(0, end === -1 ? most : end + 1);
}

function startsAs(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, at) => byte === bytes[at]);
}

/** Lines of JSON where a file begins as an object does, or is called so. Throws {@link BadData} for one array of them. */
function textKind(name: string, sample: Uint8Array, declared: ScanOptions['kind']): TextBytes['kind'] {
  if (declared === 'csv') return 'csv';
  const start = new TextDecoder().decode(sample.subarray(0, 4096)).trimStart();
  const isNamed = /\.(jsonl|ndjson|json)(\.(gz|zst))?$/i.test(name);
  if ((isNamed || declared === 'jsonl') && start.startsWith('['))
    throw new BadData(`${name} is one JSON array: write each of its objects on a line of its own`);
  return isNamed || declared === 'jsonl' || /^\{\s*["}]/.test(start) ? 'jsonl' : 'csv';
}
