/** Characters of a text that is looked at one by one; its length takes one byte. */
const shortText = 64;

/** Protobuf's wire format, written into one buffer that is used again for each message. */
export class ProtoBuffer {
  #buffer = Buffer.allocUnsafe(16 * 1024);
  #at = 0;

  reset(): void {
    this.#at = 0;
  }

  byte(value: number): this {
    this.#room(1);
    this.#buffer[this.#at++] = value;
    return this;
  }

  /** int64: an integer that a number holds exactly. A negative one takes ten bytes. */
  varint(value: number): this {
    this.#room(10);
    if (value < 0) return this.#negative(value);
    while (value >= 0x80) {
      this.#buffer[this.#at++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.#buffer[this.#at++] = value;
    return this;
  }

  float(value: number): this {
    this.#room(4);
    this.#at = this.#buffer.writeFloatLE(value, this.#at);
    return this;
  }

  double(value: number): this {
    this.#room(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
    return this;
  }

  /** Length, then UTF-8. */
  text(value: string): this {
    if (value.length <= shortText && this.#ascii(value)) return this;
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    this.#room(bytes);
    this.#at += this.#buffer.write(value, this.#at);
    return this;
  }

  /** Length, then the bytes. */
  bytes(value: Uint8Array): this {
    this.varint(value.length);
    this.#room(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** Begins what {@link end} puts the length before. */
  begin(): number {
    this.#room(1);
    this.#at += 1;
    return this.#at;
  }

  end(begun: number): void {
    const length = this.#at - begun;
    if (length < 0x80) {
      this.#buffer[begun - 1] = length;
      return;
    }
    // One byte was kept for the length; it needs more.
    const held = Buffer.from(this.#buffer.subarray(begun, this.#at));
    this.#at = begun - 1;
    this.bytes(held);
  }

  /** What was written since the reset, as bytes of its own. */
  copy(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#at));
  }

  /** Writes a short text whose characters are bytes; false, with nothing written, where one is not. Calls into C++ cost more. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.#room(1 + length);
    const buffer = this.#buffer;
    const at = this.#at + 1;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) return false;
      buffer[at + index] = code;
    }
    buffer[this.#at] = length;
    this.#at = at + length;
    return true;
  }

  #negative(value: number): this {
    for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
      const last = rest < 0x80n;
      this.#buffer[this.#at++] = Number(rest & 0x7fn) | (last ? 0 : 0x80);
      if (last) return this;
    }
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
  }
}
