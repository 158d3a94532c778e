const plain = /^[\x20-\x7e]{1,256}$/;
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/** What the bus takes as an id or key: 1 to 256 bytes of printable UTF-8. */
export function isEventName(text: string): boolean {
  // Nearly all are plain ASCII, whose characters are bytes.
  if (plain.test(text)) return true;
  return text !== '' && !unprintable.test(text) && Buffer.byteLength(text) <= 256;
}
