import { createWriteStream, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

/** xorshift32: enough for synthetic rows, the same on every machine. Values in [0, 1). */
function random(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const categoricals = [50, 2000, 20, 8, 500, 12, 100, 5, 30];
const numerics = 8;

/** A click log of 20 columns: label, id, time, nine categorical and eight numeric, with 3 % missing values. About 10 % clicks. Of many files each is a part. */
export async function writeClickLog(
  folder: string,
  rows: number,
  seed: number,
  part: { readonly number: number; readonly from: number; readonly of: number } = { number: 0, from: 0, of: rows },
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const next = random(seed + part.number);
  const weights = categoricals.map((size) => Array.from({ length: size }, () => next() * 2 - 1));
  const sink = createWriteStream(join(folder, `part-${String(part.number).padStart(3, '0')}.csv`));
  const names = [
    ...categoricals.map((_, index) => `c${index}`),
    ...Array.from({ length: numerics }, (_, index) => `n${index}`),
  ];
  sink.write(`clicked,row,at,${names.join(',')}\n`);
  let block = '';
  for (let row = part.from; row < part.from + rows; row += 1) {
    let logit = -2.6;
    const fields: string[] = [];
    for (const [index, size] of categoricals.entries()) {
      const value = Math.floor(next() ** 2 * size);
      logit += 0.5 * (weights[index]?.[value] ?? 0);
      fields.push(next() < 0.03 ? '' : `v${value}`);
    }
    for (let index = 0; index < numerics; index += 1) {
      const value = next() + next() - 1;
      if (index < 3) logit += value;
      fields.push(next() < 0.03 ? '' : value.toFixed(4));
    }
    const clicked = next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
    const at = new Date(Date.UTC(2026, 0, 1) + Math.floor((row / part.of) * 30 * 86_400_000)).toISOString();
    block += `${clicked},r${row},${at},${fields.join(',')}\n`;
    if (block.length > 1 << 20) {
      if (!sink.write(block)) await once(sink, 'drain');
      block = '';
    }
  }
  sink.end(block);
  await finished(sink);
}
