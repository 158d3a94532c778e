import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Draws } from './draws.ts';
import type { World } from './world.ts';

const folder = resolve(import.meta.dirname, '../../../../../test/data/openbandit');
/** What is no input: when it was, the label, and how likely that item was to be shown there. */
const left = new Set(['timestamp', 'click', 'propensity_score']);

/**
 * Ten thousand impressions of the Open Bandit log with their items joined (SOURCE.txt beside them), in an order of the seed's. A row's
 * "chance" is what came of it: 0 or 1. The log holds a few dozen clicks.
 */
export function openBandit(seed: number): World {
  const [head = [], ...log] = tableOf(gunzipSync(readFileSync(`${folder}/log.csv.gz`)));
  const [itemHead = [], ...items] = tableOf(readFileSync(`${folder}/item_context.csv`));
  const itemOf = new Map(items.map(([id = '', ...features]) => [id, features]));
  const [click, item] = [head.indexOf('click'), head.indexOf('item_id')];
  const kept = head.flatMap((name, at) => (left.has(name) ? [] : [at]));
  const draws = new Draws(seed);
  const shuffled = log
    .map((cells) => ({ cells, place: draws.uniform() }))
    .toSorted((one, other) => one.place - other.place);
  return {
    name: 'open bandit',
    columns: [...kept.map((at) => head[at] ?? ''), ...itemHead.slice(1)],
    rows: (count) =>
      shuffled.slice(0, count).map(({ cells }) => ({
        values: [...kept.map((at) => cells[at] ?? ''), ...(itemOf.get(cells[item] ?? '') ?? [])],
        probability: Number(cells[click]),
      })),
  };
}

/** No cell of it is quoted. */
function tableOf(csv: Buffer): readonly (readonly string[])[] {
  return csv
    .toString()
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split(','));
}
