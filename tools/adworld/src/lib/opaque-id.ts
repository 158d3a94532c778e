import { mix } from './random.ts';

/**
 * 16 hex digits that tell nothing about `high` and `low` (each 32 bits) but are different for different pairs:
 * a Feistel network of four rounds is a bijection on 64 bits, whatever its round function.
 */
export function opaqueId(key: number, high: number, low: number): string {
  let left = high | 0;
  let right = low | 0;
  for (let round = 0; round < 4; round++) {
    const turned = left ^ mix(right + mix(key + Math.imul(round + 1, 0x9e3779b9)));
    left = right;
    right = turned;
  }
  return hex(left) + hex(right);
}

function hex(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, '0');
}
