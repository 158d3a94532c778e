import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSet } from './data-set.ts';
import { Draws } from './worlds/draws.ts';
import type { World, WorldRow } from './worlds/world.ts';

const days = 100;
const begin = Date.UTC(2026, 0, 1);
/** Of the rows, in the order of time: where validation and test begin, and where the scored ones do, clear of the edge. */
const [validationFrom, testFrom, scoredFrom] = [0.7, 0.8, 0.81];

/** Writes a world's rows, spread over a hundred days, of which the last thirty are validation and test. */
export function writeWorld(world: World, most: number, seed: number, folder: string): DataSet {
  const draws = new Draws(seed + 1_000_003);
  const drawn = Array.from(world.rows(most), (row) => ({ ...row, label: draws.uniform() < row.probability ? 1 : 0 }));
  const rows = drawn.length;
  const [data, test, task, peers] = ['data', 'test.csv', 'task.yaml', 'peers'].map((name) => join(folder, name));
  mkdirSync(data!, { recursive: true });
  const at = (index: number): string => new Date(begin + (index / rows) * days * 86_400_000).toISOString();
  const head = ['row', 'shown_at', ...world.columns].join(',');
  const line = ({ values }: WorldRow, index: number): string => [`r${index}`, at(index), ...values].join(',');
  writeFileSync(
    join(data!, 'log.csv'),
    [`${head},clicked`, ...drawn.map((row, index) => `${line(row, index)},${row.label}`), ''].join('\n'),
  );
  const scored = Math.ceil(scoredFrom * rows);
  const held = drawn.slice(scored);
  writeFileSync(test!, [head, ...held.map((row, index) => line(row, scored + index)), ''].join('\n'));
  writeFileSync(
    task!,
    'name: quality\ndata: {examples: ["*.csv"]}\nlabel: clicked\nid: row\neventTime: shown_at\nsplit: {by: time, test: 20d, validation: 10d}\n',
  );
  const part = (name: string, from: number, to: number): void => {
    const lines = drawn.slice(from, to).map((row) => [...row.values, row.label, row.probability].join(','));
    writeFileSync(`${peers!}.${name}.csv`, [[...world.columns, 'label', 'p'].join(','), ...lines, ''].join('\n'));
  };
  const [validation, testing] = [validationFrom, testFrom].map((share) => Math.floor(share * rows));
  part('train', 0, validation!);
  part('validation', validation!, testing!);
  part('test', scored, rows);
  const probabilities = Float64Array.from(held, ({ probability }) => probability);
  return { name: 'quality', data: data!, task: task!, test: test!, peers: peers!, probabilities };
}
