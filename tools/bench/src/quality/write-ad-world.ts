import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { generateWorld, type WorldOptions } from '@adstocrat/adworld';
import type { DataSet } from './data-set.ts';

const dayMs = 86_400_000;
/** The task's split, in days before the newest row, and where the scored rows begin, clear of the edge. */
const [validationFrom, testFrom, scoredFrom] = [21, 14, 13.5];
/** What no peer reads: names of rows and images, the time itself, and words of which each ad has its own. */
const unread = new Set(['impression_id', 'shown_at', 'image_path', 'headline', 'launched_on', 'clicked']);

/** Writes a world of ads, as `npx adstocrat adworld` does. Peers are told its columns, with the hour and the weekday, and no pixels. */
export async function writeAdWorld(options: WorldOptions, rows: number, folder: string): Promise<DataSet> {
  const [data, truth, peers] = ['data', 'truth', 'peers'].map((name) => join(folder, name)) as [string, string, string];
  await generateWorld({ ...options, out: data, truth, rows });
  const ads = new Map(records(readFileSync(join(data, 'ads.csv'), 'utf8')).map((ad) => [ad['creative_id'], ad]));
  const known = new Map(
    records(readFileSync(join(truth, 'truth.csv'), 'utf8')).map((row) => [row['impression_id'], row['probability']]),
  );
  const shown = globSync('impressions/*/part-*', { cwd: data })
    .sort()
    .flatMap((path) => records(textOf(join(data, path))))
    .map((row) => ({ row, timeMs: Date.parse(row['shown_at'] ?? '') }))
    .sort((a, b) => a.timeMs - b.timeMs);
  const lastMs = shown.at(-1)?.timeMs ?? 0;
  const between = (from: number, to: number): typeof shown =>
    shown.filter(({ timeMs }) => timeMs >= lastMs - from * dayMs && timeMs < lastMs - to * dayMs + (to === 0 ? 1 : 0));
  mkdirSync(folder, { recursive: true });
  const scored = between(scoredFrom, 0);
  const [head = []] = shown.map(({ row }) => Object.keys(row).filter((name) => name !== 'clicked'));
  const test = join(folder, 'test.csv');
  writeFileSync(test, [head, ...scored.map(({ row }) => head.map((name) => row[name]))].map(lineOf).join(''));
  const columns = [...head, ...Object.keys([...ads.values()][0] ?? {})].filter((name) => !unread.has(name));
  const distinct = [...new Set(columns)];
  const part = (name: string, some: typeof shown): void => {
    const lines = some.map(({ row, timeMs }) => {
      const all = { ...ads.get(row['creative_id']), ...row };
      const at = new Date(timeMs);
      const time = [`h${at.getUTCHours()}`, `d${at.getUTCDay()}`];
      return [...distinct.map((column) => all[column]), ...time, row['clicked'], known.get(row['impression_id'])];
    });
    writeFileSync(
      `${peers}.${name}.csv`,
      [[...distinct, 'hour', 'weekday', 'label', 'p'], ...lines].map(lineOf).join(''),
    );
  };
  part('train', between(Infinity, validationFrom));
  part('validation', between(validationFrom, testFrom));
  part('test', scored);
  const trained = new Set(between(Infinity, validationFrom).map(({ row }) => row['creative_id']));
  return {
    name: 'adworld',
    data,
    task: join(data, 'task.yaml'),
    test,
    peers,
    probabilities: Float64Array.from(scored, ({ row }) => Number(known.get(row['impression_id']))),
    unseen: Uint8Array.from(scored, ({ row }) => (trained.has(row['creative_id']) ? 0 : 1)),
  };
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Rows of a CSV by column: RFC 4180 without line breaks in a field. */
function records(text: string): readonly Readonly<Record<string, string>>[] {
  const [head, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) =>
      Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
        quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
      ),
    );
  return lines.map((line) => Object.fromEntries((head ?? []).map((name, at) => [name, line[at] ?? ''])));
}

function lineOf(values: readonly (string | undefined)[]): string {
  return `${values.map((value = '') => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')}\n`;
}
