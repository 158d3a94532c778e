import { writeFileSync } from 'node:fs';
import type { Random } from '@adstocrat/adworld';

/** A row of the campaign's shop. */
export interface Row {
  readonly colour: string;
  readonly price: number;
}

const colours = ['red', 'green', 'blue', 'black'];

export function randomRow(random: Random): Row {
  return {
    colour: colours[random.below(colours.length)] ?? '',
    price: random.below(1000) / 100,
  };
}

/** A log in which colour and price decide who buys, enough for a model that is blessed. */
export function writeTrainingLog(file: string, random: Random, rows: number): void {
  const lines = ['row,colour,price,bought'];
  for (let row = 0; row < rows; row += 1) {
    const { colour, price } = randomRow(random);
    const probability = (colour === 'red' ? 0.4 : 0.05) * (price < 5 ? 1.5 : 0.5);
    lines.push(`r${row},${colour},${price},${random.uniform() < probability ? 1 : 0}`);
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** Ids as strangers send them: other scripts, commas, percent signs, blanks, up to the 256 bytes that are allowed. */
const strange = ['é', '日本', ', ', '%2C', '🙂', '-'.repeat(200)];

/** A prediction id that no other row of the run has; one in fifty is a strange one. */
export function predictionId(random: Random, seed: number, number: number): string {
  const id = `${seed}.${number.toString(36)}`;
  return random.below(50) === 0 ? `${id}${strange[random.below(strange.length)] ?? ''}.` : id;
}
