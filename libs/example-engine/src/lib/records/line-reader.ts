/** One line of a text file, without its end. */
export interface Line {
  readonly line: number;
  readonly text: string;
}

/** A line that cannot be read. */
export interface BadLine {
  readonly line: number;
  readonly reason: string;
  readonly bytes: Uint8Array;
}

export interface LineSink {
  line(line: Line): void;
  bad(line: BadLine): void;
}

const [lineFeed, carriageReturn] = [10, 13];
/** Bytes of a line, at most; of a longer one so many are shown. */
const [longest, shown] = [8 << 20, 1 << 10];

/** Cuts UTF-8 bytes into lines that end with LF or CRLF. Blank ones count and are not told. Memory: the longest line and a chunk. */
export class LineReader {
  readonly #sink: LineSink;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** Of a line whose end has not come yet. */
  #held: Uint8Array[] = [];
  #bytes = 0;
  #line = 1;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  write(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#hold(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    // The chunk may be written over once this returns.
    if (start < chunk.length) this.#hold(chunk.slice(start));
  }

  /** No more bytes follow. */
  end(): void {
    if (this.#bytes > 0) this.#finish();
  }

  #hold(part: Uint8Array): void {
    // Of a line that is too long the beginning is enough.
    if (this.#bytes <= longest) this.#held.push(part);
    this.#bytes += part.length;
  }

  #finish(): void {
    const [only] = this.#held;
    const whole = this.#held.length === 1 && only !== undefined ? only : joined(this.#held);
    const bytes = whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole;
    const line = this.#line;
    const isLong = this.#bytes > longest;
    this.#held = [];
    this.#bytes = 0;
    this.#line += 1;
    if (isLong) {
      this.#sink.bad({ line, reason: `a line of more than ${longest} bytes`, bytes: bytes.subarray(0, shown) });
      return;
    }
    const text = this.#textOf(bytes);
    if (text === undefined) this.#sink.bad({ line, reason: 'not UTF-8', bytes });
    else if (text.trim() !== '') this.#sink.line({ line, text });
  }

  #textOf(bytes: Uint8Array): string | undefined {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return undefined;
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
