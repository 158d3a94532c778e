import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jsonOf, startCommand } from '@adstocrat/campaigns';
import { PersonalKeys } from '@adstocrat/service-kit';
import { placesThatHold } from './places-that-hold.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Story {
  readonly rows: number;
  readonly testAuc: number;
  readonly ceilings: { readonly all: { readonly image: Ceiling; readonly noPixels: Ceiling } };
  readonly versions: readonly {
    readonly version: number;
    readonly spans: readonly number[];
    readonly blessed: boolean;
    readonly aucDifferenceLow?: number;
  }[];
  readonly driftDetectedAfterS: number;
  readonly newVersionInServiceAfterS: number;
  readonly liveAuc: { readonly beforeDrift: number; readonly afterDrift: number; readonly newVersion: number };
  readonly requestsSent: number;
  readonly requestsFailed: number;
  readonly peakPssMiB: number;
}
interface Ceiling {
  readonly onLabels: { readonly auc: number };
}

it('tells the whole story: a model, a drift that is noticed, a better model rolled out under traffic, no failed request, with two of every service', async () => {
  const home = join(temporaryFolder('story'), 'home');
  const answers: Promise<number>[] = [];
  const command = startCommand(
    ['start', '--home', home, '--free-ports', '--instances', '2', '--once', '--json', '--budget', '2'],
    {
      onLine: (line) => {
        if (line.startsWith('live traffic at')) answers.push(...strangersAt(home));
      },
    },
  );
  const story = jsonOf<Story>(await command.ended);
  expect(await Promise.all(answers)).toEqual([200, 202]);
  expect(story.rows).toBe(200_000);
  // Better than one can be without looking at the pictures, and not better than can be known.
  const { image, noPixels } = story.ceilings.all;
  expect(story.testAuc).toBeGreaterThan(noPixels.onLabels.auc);
  expect(story.testAuc).toBeLessThan(image.onLabels.auc);
  expect(story.versions.map(({ version, spans, blessed }) => ({ version, spans, blessed }))).toEqual([
    { version: 1, spans: [1], blessed: true },
    { version: 2, spans: [1, 2], blessed: true },
  ]);
  // The drift cost the old model enough for the gate's interval to show it.
  expect(story.versions[1]?.aucDifferenceLow).toBeGreaterThan(0);
  expect(story.liveAuc.afterDrift).toBeLessThan(story.liveAuc.beforeDrift - 0.05);
  expect(story.liveAuc.newVersion).toBeGreaterThan(story.liveAuc.afterDrift + 0.05);
  expect(story.driftDetectedAfterS).toBeGreaterThan(0);
  expect(story.newVersionInServiceAfterS).toBeGreaterThan(story.driftDetectedAfterS);
  expect(story.requestsSent).toBeGreaterThan(500);
  expect(story.requestsFailed).toBe(0);
  expect(story.peakPssMiB).toBeLessThan(4096);
  // Who they were stands in the files that the impressions came in, and nowhere else.
  const people = mostSeen(join(home, 'world'), 'user_id', 3);
  expect(people).toHaveLength(3);
  const key = PersonalKeys.read(join(home, 'personal-keys')).current;
  const pseudonym = key?.pseudonym(people[0] ?? '') ?? '';
  const found = await placesThatHold(home, [...people, pseudonym], ['world', 'world.truth']);
  expect(found.filter(({ text }) => people.includes(text))).toEqual([]);
  // It would have been found: a pseudonym is, in the spans, on the bus and in the tables.
  const places = found.map(({ place }) => place);
  for (const place of [
    /^artifacts\/spans\/.*parquet$/,
    /^postgres\/event_log.batches$/,
    /^postgres\/feedback.predictions$/,
  ])
    expect(places).toContainEqual(expect.stringMatching(place));
}, 2_400_000);

/** Most frequent values of a column, over the first of the CSV files. */
function mostSeen(folder: string, column: string, values: number): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /part-.*\.csv$/.test(file));
  const [header = '', ...rows] = readFileSync(join(folder, files.toSorted()[0] ?? ''), 'utf8')
    .trim()
    .split('\n');
  const at = header.split(',').indexOf(column);
  const counts = Map.groupBy(rows, (row) => row.split(',')[at] ?? '');
  const found = [...counts].toSorted(([, a], [, b]) => b.length - a.length).map(([value]) => value);
  return found.filter((value) => value !== '').slice(0, values);
}

/** What the README shows: a row without the time column, and a click; one that claims to be of the next century. The story goes on. */
function strangersAt(home: string): readonly Promise<number>[] {
  const { ports } = JSON.parse(readFileSync(join(home, 'running.json'), 'utf8')) as {
    readonly ports: { readonly servingRest: number; readonly feedbackRest: number };
  };
  const post = async (port: number, path: string, body: unknown): Promise<number> => {
    const url = `http://127.0.0.1:${port}/v1/${path}`;
    return (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status;
  };
  return [
    post(ports.servingRest, 'models/adworld:predict', { instances: [{ site: 'a site of its own' }] }),
    post(ports.feedbackRest, 'clicks', [{ predictionId: 'a-stranger', eventTimeMs: Date.UTC(2126, 0, 1) }]),
  ];
}
