import { type Delimiter, separatorLine } from './dialect.ts';
import { fieldsOf } from './fields-of.ts';
import { RecordReader } from './record-reader.ts';

/** Bytes that are looked at. */
const headBytes = 1 << 16;

/**
 * How many columns at the end of a CSV text (UTF-8, from its header on) have neither a name nor, as far as is looked, a value: a spreadsheet
 * writes delimiters for cells that were cleared, and some tools one at the end of each line. 0 where one has a value.
 */
export function namelessColumns(head: Uint8Array, delimiter: Delimiter): number {
  const decoder = new TextDecoder();
  let nameless: number | undefined;
  let width = 0;
  let hasValue = false;
  const reader = new RecordReader(delimiter, {
    record({ bytes, start, end }) {
      const text = decoder.decode(bytes.subarray(start, end));
      if (nameless === undefined && separatorLine(text) !== undefined) return;
      const fields = fieldsOf(text, delimiter).map((field) => field.trim());
      if (nameless === undefined) {
        const last = fields.findLastIndex((field) => field !== '');
        if (last === -1) return;
        width = fields.length;
        nameless = width - 1 - last;
      } else if (fields.length === width && fields.slice(width - nameless).some((field) => field !== ''))
        hasValue = true;
    },
    bad: () => undefined,
  });
  reader.write(head.subarray(0, headBytes));
  reader.end();
  return hasValue ? 0 : (nameless ?? 0);
}
