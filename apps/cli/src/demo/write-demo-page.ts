import { writeFileSync } from 'node:fs';
import { type ColumnValue, type LiveImpression, LiveTraffic } from '@adstocrat/adworld';
import type { System } from '../system/system.ts';
import type { Home } from '../system/home.ts';
import { demoWorld } from './demo-world.ts';

const visitorCount = 6;
const adCount = 24;
const places = 4;
/** Columns of an impression that say which ad it was, and those that say when, and which one. */
const ofTheAd = new Set(['creative_id', 'image_path', 'campaign_day']);
const ofTheMoment = new Set(['impression_id', 'shown_at']);

/** Writes what serving shows at /demo: people of the world's first live hours, and ads that were shown then, with their pictures. */
export function writeDemoPage(home: Home, { instances, restScheme }: System, model: string): void {
  const traffic = new LiveTraffic(demoWorld);
  const { impressions } = traffic.page(traffic.startMs, traffic.startMs + 3_600_000);
  const content = {
    model,
    feedback: `${restScheme}://127.0.0.1:${instances[0]?.feedbackRest ?? 0}`,
    places,
    visitors: impressions.slice(0, visitorCount).map(({ columns }) => ({
      name: `${columns['user_id']} on ${columns['site']} (${columns['device']})`,
      features: picked(columns, (name) => !ofTheAd.has(name) && !ofTheMoment.has(name)),
    })),
    // Of ads that were launched since, the model's tables know nothing.
    ads: oneOfEach(
      impressions.filter(({ adColumns }) => Date.parse(String(adColumns['launched_on'])) < traffic.startMs),
    )
      .slice(0, adCount)
      .map(({ columns, creativeId }) => ({
        title: creativeId,
        image: `data:image/png;base64,${Buffer.from(traffic.image(creativeId)).toString('base64')}`,
        features: picked(columns, (name) => ofTheAd.has(name)),
      })),
  };
  writeFileSync(home.demoPageFile, JSON.stringify(content), { mode: 0o600 });
}

function oneOfEach(impressions: readonly LiveImpression[]): readonly LiveImpression[] {
  return [...new Map(impressions.map((one) => [one.creativeId, one])).values()];
}

function picked(
  columns: Readonly<Record<string, ColumnValue>>,
  wanted: (name: string) => boolean,
): Readonly<Record<string, ColumnValue>> {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => wanted(name)));
}
