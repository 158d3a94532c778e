import { BadInput } from './inference-failure.ts';
import { rowAt } from './row-at.ts';

/** Throws {@link BadInput} naming the row of the first byte that is no boolean. */
export function refuseOtherBytes(name: string, shape: readonly number[], bytes: Uint8Array): void {
  const at = bytes.findIndex((value) => value > 1);
  if (at >= 0) throw new BadInput('value', name, 'a byte of a bool is neither 0 nor 1', rowAt(shape, at));
}
