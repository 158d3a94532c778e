/** One record of a text file, in place: `bytes[start, end)` without its line end. Valid until the call returns. */
export interface RawRecord {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The line it begins on, 1-based; blank lines count. */
  readonly line: number;
  readonly fields: number;
  /** RFC 4180 to the letter: what reads that reads it as it lies. False where a quote stands inside an unquoted field. */
  readonly regular: boolean;
}

/** What cannot be read, a line of it at most: reading went on at the line after. */
export interface BadRecord {
  readonly line: number;
  readonly reason: string;
  readonly bytes: Uint8Array;
}

export interface RecordSink {
  record(record: RawRecord): void;
  bad(record: BadRecord): void;
}

const [lineFeed, carriageReturn, quote] = [10, 13, 34];
/** Where the reader stands: at the start of a field, in an unquoted one, in a quoted one, after a quote in one, in what is skipped. */
const [fieldStart, unquoted, quoted, afterQuote, skipping] = [0, 1, 2, 3, 4];
/** Bytes of one record, at most. */
const longest = 16 << 20;
/** Bytes of one record, at most, once this many records turned out to have none of the end they seemed to have. */
const [patience, shorter] = [100, 1 << 16];

/** What a byte is at the first look: of a cell, or between two, or of a line's end; the rest takes {@link RecordReader} a second look. */
const [ofCell, betweenCells, endsLine, special] = [0, 1, 2, 3];

const reasons = {
  quote: 'a quoted field does not end as it should: a quote inside it must be doubled',
  open: 'a quote is opened that never closes',
  long: `a record of more than ${longest} bytes`,
  nul: 'holds a NUL character',
  encoding: 'not UTF-8',
} as const;

/**
 * Cuts UTF-8 bytes into records: RFC 4180 with any one-byte delimiter, and line ends of LF, CRLF and CR, mixed. Blank lines are no
 * records. A record that makes no sense costs its first line only: what follows is read anew from the next, so that a quote that
 * never closes takes no rows with it. Memory: the longest record and a chunk.
 */
export class RecordReader {
  readonly #delimiter: number;
  /** By byte. */
  readonly #looks: Uint8Array;
  readonly #sink: RecordSink;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  /** What is left of what was written and what came last: of {@link RecordReader.#memory}, mostly. */
  #bytes: Uint8Array = new Uint8Array(0);
  /** Used again for each chunk: new memory for all of a file would have to be collected. */
  #memory = new Uint8Array(0);
  #at = 0;
  #state = fieldStart;
  /** Of the line at `#at`. */
  #line: number;
  #start = 0;
  #startLine: number;
  #fields = 1;
  #regular = true;
  #ascii = true;
  #nul = false;
  #broken = '';
  /** Where the record's second line begins; −1 while it has one. */
  #second = -1;
  #rereads = 0;

  /** `line`: what is written begins on it. */
  constructor(delimiter: string, sink: RecordSink, line = 1) {
    this.#line = line;
    this.#startLine = line;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#looks = Uint8Array.from({ length: 256 }, (_, byte) => {
      if (byte === this.#delimiter) return betweenCells;
      if (byte === lineFeed) return endsLine;
      return byte > 127 || byte === quote || byte === carriageReturn || byte === 0 ? special : ofCell;
    });
    this.#sink = sink;
  }

  write(chunk: Uint8Array): void {
    const left = this.#bytes.subarray(this.#start);
    const length = left.length + chunk.length;
    if (length > this.#memory.length) this.#memory = new Uint8Array(length + (length >> 1));
    this.#memory.set(left);
    this.#memory.set(chunk, left.length);
    this.#at -= this.#start;
    if (this.#second !== -1) this.#second -= this.#start;
    this.#start = 0;
    this.#bytes = this.#memory.subarray(0, length);
    this.#scan(false);
  }

  /** No more bytes follow. */
  end(): void {
    this.#scan(true);
    while (this.#start < this.#bytes.length) {
      if (this.#state === quoted) {
        this.#giveUp(reasons.open);
        this.#scan(true);
      } else this.#finish(this.#bytes.length, this.#bytes.length);
    }
  }

  #scan(last: boolean): void {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    while (this.#at < bytes.length) {
      if (this.#at === this.#start) this.#takePlain();
      if (this.#at === bytes.length) return;
      const at = this.#at;
      const byte = bytes[at] as number;
      if (byte === lineFeed || byte === carriageReturn) {
        // Whether a CR stands alone shows in the byte after it.
        if (byte === carriageReturn && at + 1 === bytes.length && !last) return;
        const next = byte === carriageReturn && bytes[at + 1] === lineFeed ? at + 2 : at + 1;
        this.#line += 1;
        this.#at = next;
        if (this.#state !== quoted) this.#finish(at, next);
        else if (this.#second === -1) this.#second = next;
        continue;
      }
      this.#at = at + 1;
      if (byte > 127) this.#ascii = false;
      else if (byte === 0) this.#nul = true;
      switch (this.#state) {
        case fieldStart:
          if (byte === quote) this.#state = quoted;
          else if (byte === delimiter) this.#fields += 1;
          else this.#state = unquoted;
          break;
        case unquoted:
          if (byte === delimiter) {
            this.#fields += 1;
            this.#state = fieldStart;
          } else if (byte === quote) this.#regular = false;
          break;
        case quoted:
          if (byte === quote) this.#state = afterQuote;
          break;
        case afterQuote:
          if (byte === quote) this.#state = quoted;
          else if (byte === delimiter) {
            this.#fields += 1;
            this.#state = fieldStart;
          } else this.#giveUp(reasons.quote);
          break;
        default:
      }
      if (this.#at - this.#start > (this.#rereads > patience ? shorter : longest)) {
        if (this.#state !== skipping) this.#giveUp(this.#state === quoted ? reasons.open : reasons.long);
        // Of a line that is skipped the beginning is enough.
        else this.#dropSkipped();
      }
    }
  }

  /** Whole records from here on that have nothing special in them, as most have: many times as fast. */
  #takePlain(): void {
    const [bytes, looks] = [this.#bytes, this.#looks];
    let [start, line, fields] = [this.#start, this.#line, 1];
    for (let at = start; at < bytes.length; at += 1) {
      const look = looks[bytes[at] as number];
      if (look === ofCell) continue;
      if (look === betweenCells) fields += 1;
      else {
        // A CR before an LF is half of a line end; one at the end of the bytes shows with the next.
        const wide = bytes[at] === carriageReturn && bytes[at + 1] === lineFeed;
        if ((look === special && !wide) || at - start > shorter) break;
        if (at > start) this.#sink.record({ bytes, start, end: at, line, fields, regular: true });
        if (wide) at += 1;
        start = at + 1;
        line += 1;
        fields = 1;
      }
    }
    this.#line = line;
    this.#begin(start);
  }

  /** The record ends at `end`, the next begins at `next`. */
  #finish(end: number, next: number): void {
    const { start, line } = { start: this.#start, line: this.#startLine };
    const bytes = this.#bytes;
    if (this.#state === skipping) this.#sink.bad({ line, reason: this.#broken, bytes: bytes.subarray(start, end) });
    else if (end > start) {
      const reason = this.#nul ? reasons.nul : this.#ascii || this.#isText(start, end) ? '' : reasons.encoding;
      if (reason !== '') this.#sink.bad({ line, reason, bytes: bytes.subarray(start, end) });
      else this.#sink.record({ bytes, start, end, line, fields: this.#fields, regular: this.#regular });
    }
    this.#begin(next);
  }

  #begin(at: number): void {
    this.#start = at;
    this.#at = at;
    this.#startLine = this.#line;
    this.#state = fieldStart;
    this.#fields = 1;
    this.#regular = true;
    this.#ascii = true;
    this.#nul = false;
    this.#second = -1;
  }

  /** What seemed to be a record is none: its first line is bad, and the next is read anew. */
  #giveUp(reason: string): void {
    if (this.#second === -1) {
      this.#state = skipping;
      this.#broken = reason;
      if (this.#at === this.#bytes.length) return;
      return;
    }
    this.#rereads += 1;
    const { line } = { line: this.#startLine };
    this.#sink.bad({ line, reason, bytes: this.#bytes.subarray(this.#start, this.#second) });
    this.#line = line + 1;
    this.#begin(this.#second);
  }

  #dropSkipped(): void {
    const kept = this.#bytes.subarray(this.#start, this.#start + shorter);
    const rest = this.#bytes.subarray(this.#at);
    const bytes = new Uint8Array(kept.length + rest.length);
    bytes.set(kept);
    bytes.set(rest, kept.length);
    this.#bytes = bytes;
    this.#start = 0;
    this.#at = kept.length;
  }

  #isText(start: number, end: number): boolean {
    try {
      this.#decoder.decode(this.#bytes.subarray(start, end));
      return true;
    } catch {
      return false;
    }
  }
}
