import { BadInput } from '../infer/inference-failure.ts';

/** More dimensions than any tensor here has: what is longer is not looked through. */
const maxRank = 16;

/**
 * A tensor's shape as numbers. Nothing of that size is made. Throws {@link BadInput} for a dimension that is negative, no integer or
 * beyond 2^53 − 1.
 */
export function shapeOf(name: string, dims: unknown): readonly number[] {
  if (!Array.isArray(dims)) throw new BadInput('shape', name, 'has no shape: a list of integers is expected');
  if (dims.length > maxRank)
    throw new BadInput('shape', name, `has a shape of ${dims.length} dimensions: at most ${maxRank} are read`);
  return dims.map((dim: unknown) => {
    const size = typeof dim === 'bigint' ? Number(dim) : dim;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw new BadInput('shape', name, `has shape [${shown(dims)}]: integers from 0 to 2^53 − 1 are expected`);
    return size;
  });
}

/** How many elements a shape stands for. Throws {@link BadInput} beyond 2^53 − 1. */
export function elementsOf(name: string, shape: readonly number[]): number {
  if (shape.includes(0)) return 0;
  let elements = 1;
  for (const size of shape) {
    elements *= size;
    if (elements > Number.MAX_SAFE_INTEGER)
      throw new BadInput('shape', name, `has shape [${shape.join(',')}], which are more elements than can be counted`);
  }
  return elements;
}

function shown(dims: readonly unknown[]): string {
  return dims.map((dim) => (typeof dim === 'object' ? '…' : String(dim).slice(0, 40))).join(',');
}
