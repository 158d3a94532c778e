/**
 * Where a value falls in [0, 1): FNV-1a (64 bits) over its UTF-8 bytes, mixed by splitmix64's finalizer, top 53 bits.
 * The same on every engine and for ever; test vectors beside it.
 */
export function splitPoint(value: string): number {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(value)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  hash = BigInt.asUintN(64, (hash ^ (hash >> 30n)) * 0xbf58476d1ce4e5b9n);
  hash = BigInt.asUintN(64, (hash ^ (hash >> 27n)) * 0x94d049bb133111ebn);
  hash ^= hash >> 31n;
  return Number(hash >> 11n) / 2 ** 53;
}
