import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BadData, type CsvFile } from '@adstocrat/example-engine';

/** Bytes in which the header has to end. */
const limit = 1 << 20;

/** The first record's fields. Throws {@link BadData} for an empty file, one that is not UTF-8 or not CSV, or a column named twice. */
export async function readCsvHeader(file: CsvFile): Promise<readonly string[]> {
  const start = await firstBytes(file);
  if (start.length === 0) throw new BadData(`${file.name} is empty: a CSV begins with a header line`);
  let head: string;
  try {
    head = new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true });
  } catch (error) {
    throw new BadData(`${file.name} is not UTF-8 text: convert it, or unpack it if it is an archive`, { cause: error });
  }
  const fields = firstRecord(head.replace(/^\uFEFF/, ''));
  if (fields === undefined)
    throw new BadData(`${file.name}: the header line does not end within ${limit} bytes; is a quote left open?`);
  const empty = fields.findIndex((field) => field.trim() === '');
  if (empty !== -1) throw new BadData(`${file.name}:1: column ${empty + 1} of the header has no name`);
  const twice = fields.find((field, index) => fields.indexOf(field) !== index);
  if (twice !== undefined) throw new BadData(`${file.name}:1: the header names column "${twice}" twice`);
  return fields;
}

/** Reads every file's header. Throws {@link BadData} naming the first two files that differ and in what. */
export async function readSharedHeader(files: readonly CsvFile[]): Promise<readonly string[]> {
  const [first] = files;
  if (first === undefined) throw new BadData('no CSV file to read');
  const header = await readCsvHeader(first);
  for (const file of files.slice(1)) {
    const other = await readCsvHeader(file);
    const at = Math.max(header.length, other.length);
    for (let column = 0; column < at; column += 1) {
      if (header[column] !== other[column]) {
        throw new BadData(
          `${file.name}:1: column ${column + 1} is ${quoted(other[column])}, in ${first.name} it is ${quoted(header[column])}: all files of one drop share one header`,
        );
      }
    }
  }
  return header;
}

const quoted = (field: string | undefined): string => (field === undefined ? 'missing' : `"${field}"`);

async function firstBytes(file: CsvFile): Promise<Uint8Array> {
  const source = createReadStream(file.path);
  const stream: Readable = file.path.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => stream.destroy(error));
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      if (length < limit) chunks.push(chunk as Uint8Array);
      length += (chunk as Uint8Array).length;
      // A gzip is read to its end: DuckDB takes a truncated one for a shorter file and says nothing.
      if (length >= limit && stream === source) break;
    }
  } catch (error) {
    throw new BadData(`${file.name} is a truncated or damaged gzip (${(error as Error).message}): fetch it again`, {
      cause: error,
    });
  } finally {
    source.destroy();
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

/** RFC 4180: commas, double quotes, quotes doubled. undefined where the record does not end. */
function firstRecord(csv: string): readonly string[] | undefined {
  const fields: string[] = [];
  let field = '';
  let inQuotes = false;
  for (let index = 0; index < csv.length; index += 1) {
    const char = csv.charAt(index);
    if (inQuotes) {
      if (char !== '"') field += char;
      else if (csv[index + 1] === '"') {
        field += '"';
        index += 1;
      } else inQuotes = false;
    } else if (char === '"' && field === '') inQuotes = true;
    else if (char === ',') {
      fields.push(field);
      field = '';
    } else if (char === '\n' || char === '\r') return [...fields, field];
    else field += char;
  }
  return inQuotes || csv.length >= limit ? undefined : [...fields, field];
}
