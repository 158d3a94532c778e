/**
 * splitmix32: a generator of uniform unsigned 32-bit integers that gives the same sequence for a seed on every machine.
 * Source: G. Steele et al., "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014, in its 32-bit form.
 */
export function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}
