import { writeFileSync } from 'node:fs';

/** mulberry32: a seeded uniform source. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const colours = ['red', 'green', 'blue', 'black'];

/** A log in which colour and price decide: 40 % of red ones, 5 % of the rest, twice that when cheap. `shuffled` clicks mean nothing. */
export function writeClickLog(
  file: string,
  options: { readonly rows: number; readonly seed: number; readonly shuffled?: boolean },
): void {
  const next = uniform(options.seed);
  const lines = ['row,colour,price,bought'];
  for (let row = 0; row < options.rows; row += 1) {
    const colour = colours[Math.floor(next() * colours.length)] ?? '';
    const price = Math.round(next() * 1000) / 100;
    const probability = (colour === 'red' ? 0.4 : 0.05) * (price < 5 ? 1.5 : 0.5);
    const bought = next() < (options.shuffled === true ? 0.14 : probability) ? 1 : 0;
    lines.push(`r${options.seed}-${row},${colour},${price},${bought}`);
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}
