import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jsonOf, startCommand } from '@adstocrat/campaigns';
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
}, 1_200_000);

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
