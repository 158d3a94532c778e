/** FNV-1a, 32 bits, over UTF-8 bytes, with murmur3's finalizer. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      hash = Math.imul(hash ^ code, 0x01000193);
      continue;
    }
    if (code >= 0xd800 && code < 0xdc00 && index + 1 < text.length) {
      const low = text.charCodeAt(index + 1);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        index += 1;
      }
    }
    if (code < 0x800) hash = Math.imul(hash ^ (0xc0 | (code >> 6)), 0x01000193);
    else {
      if (code < 0x10000) hash = Math.imul(hash ^ (0xe0 | (code >> 12)), 0x01000193);
      else {
        hash = Math.imul(hash ^ (0xf0 | (code >> 18)), 0x01000193);
        hash = Math.imul(hash ^ (0x80 | ((code >> 12) & 63)), 0x01000193);
      }
      hash = Math.imul(hash ^ (0x80 | ((code >> 6) & 63)), 0x01000193);
    }
    hash = Math.imul(hash ^ (0x80 | (code & 63)), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
