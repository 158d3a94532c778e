import { audiences, ageBands, devices, regions, systems, type Person } from './people.ts';
import { formats, verticals, type Creative } from './catalogue.ts';
import { topics, type Site } from './sites.ts';
import { dayMs } from './world-options.ts';

/** One ad shown to one person, with what came of it. */
export interface Impression {
  readonly id: string;
  readonly timeMs: number;
  readonly person: Person;
  readonly site: Site;
  readonly device: number;
  /** 1 is the top of the page. */
  readonly position: number;
  /** Expected share of the ad in view, 3 decimals; null where not measured. */
  readonly viewability: number | null;
  /** Euro per thousand impressions, 2 decimals; null where not told. */
  readonly priceFloor: number | null;
  /** How often this person saw this campaign before, in all traffic. */
  readonly exposures: number;
  readonly creative: Creative;
  /** The hidden probability of a click, the mood known. */
  readonly probability: number;
  /** Key of what the picture's appeal depends on, see `viewingKey`. */
  readonly viewing: number;
  /** The logit without the picture and the mood. */
  readonly plainLogit: number;
  /** The logit without the mood. */
  readonly imageLogit: number;
  /** From the impression to the click; null without a click. */
  readonly clickDelayMs: number | null;
}

export type ColumnValue = string | number | null;

/** The columns of the impressions' CSV before the label, in order. */
export const impressionColumns = [
  'impression_id', 'shown_at', 'user_id', 'age_band', 'region', 'audience', 'device', 'os', 'site', 'topic', 'position',
  'viewability', 'price_floor', 'exposures', 'campaign_day', 'creative_id', 'image_path',
] as const; // prettier-ignore

export const labelColumn = 'clicked';

export function impressionValues(impression: Impression): readonly ColumnValue[] {
  const { person, site, creative, device } = impression;
  return [
    impression.id,
    new Date(impression.timeMs).toISOString(),
    person.id,
    ageBands[person.age] || null,
    regions[person.region] || null,
    audiences[person.audience] || null,
    devices[device]!,
    systems[(device === 1 ? 2 : 0) + person.brand]!,
    site.name,
    topics[site.topic]!,
    impression.position,
    impression.viewability,
    impression.priceFloor,
    impression.exposures,
    campaignDay(creative, impression.timeMs),
    creative.id,
    imagePath(creative),
  ];
}

/** The columns of `ads.csv`, in order. */
export const adColumns = [
  'creative_id',
  'advertiser',
  'campaign',
  'vertical',
  'format',
  'headline',
  'launched_on',
] as const;

export function adValues(creative: Creative): readonly ColumnValue[] {
  const { campaign } = creative;
  return [
    creative.id,
    campaign.advertiser.name,
    campaign.name,
    verticals[campaign.advertiser.vertical]!,
    formats[creative.format]!,
    creative.headline,
    new Date(creative.launchMs).toISOString().slice(0, 10),
  ];
}

/** Whole days since the campaign's launch. */
export function campaignDay(creative: Creative, timeMs: number): number {
  return Math.max(0, Math.floor((timeMs - creative.campaign.launchMs) / dayMs));
}

/** The image's path below the folder of creatives. */
export function imagePath(creative: Creative): string {
  return `${creative.imageName}.png`;
}
