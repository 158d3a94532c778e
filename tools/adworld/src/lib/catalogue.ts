import { headline } from './headlines.ts';
import { opaqueId } from './opaque-id.ts';
import { Random } from './random.ts';
import { drawVisualFields, type VisualFields } from './visual-fields.ts';
import { dayMs, type WorldSettings } from './world-options.ts';

export const verticals = ['electronics', 'fashion', 'travel', 'food', 'finance', 'games'] as const;
export const formats = ['banner', 'native', 'square', 'interstitial'] as const;

const names = [
  'Alder',
  'Birch',
  'Cedar',
  'Dahlia',
  'Ember',
  'Fjord',
  'Garnet',
  'Heron',
  'Indigo',
  'Juniper',
  'Kestrel',
  'Larch',
  'Maple',
  'Nimbus',
  'Onyx',
  'Poppy',
  'Quartz',
  'Rowan',
];
const endings = ['& Co', 'Works', 'Direct'];

export interface Advertiser {
  readonly name: string;
  /** Position in {@link verticals}. */
  readonly vertical: number;
  /** Added to the logit of a click. */
  readonly effect: number;
  readonly budget: number;
}

export interface Campaign {
  readonly number: number;
  readonly name: string;
  readonly advertiser: Advertiser;
  readonly launchMs: number;
}

/** One ad. */
export interface Creative {
  readonly index: number;
  /** 16 hex digits that tell nothing. */
  readonly id: string;
  /** 16 other hex digits that tell nothing: the image file's name without its ending. */
  readonly imageName: string;
  readonly campaign: Campaign;
  /** Position in {@link formats}. */
  readonly format: number;
  readonly headline: string;
  /** First instant it may be shown. */
  readonly launchMs: number;
  /** How often it is shown when new, relative to the others. */
  readonly weight: number;
  readonly visual: VisualFields;
}

/** Three advertisers a vertical, with campaigns of about ten creatives. Launches are spread over history and live days. */
export function drawCatalogue(settings: WorldSettings): readonly Creative[] {
  const random = new Random(settings.seed, 'catalogue');
  const looks = new Random(settings.seed, 'looks');
  const advertisers = names.map((name, index) => ({
    name: `${name} ${endings[random.below(endings.length)]!}`,
    vertical: index % verticals.length,
    effect: 0.16 * Math.min(1.6, Math.max(-1.6, random.normal())),
    budget: Math.exp(0.3 * random.normal()),
  }));
  // Before the first day too: the history opens with campaigns in full swing.
  const firstMs = settings.startMs - 40 * dayMs;
  const lastMs = settings.endMs + settings.liveDays * dayMs;
  const campaigns = Array.from(
    { length: Math.max(advertisers.length, Math.round(settings.creatives / 10)) },
    (_, index) => {
      const advertiser = advertisers[index % advertisers.length]!;
      const launchMs =
        firstMs +
        Math.floor(((index + random.uniform()) / Math.ceil(settings.creatives / 10)) * (lastMs - firstMs - 20 * dayMs));
      return {
        number: index,
        name: `${advertiser.name} ${Math.floor(index / advertisers.length) + 1}`,
        advertiser,
        launchMs,
      };
    },
  );
  return Array.from({ length: settings.creatives }, (_, index) => {
    const campaign = campaigns[index % campaigns.length]!;
    const launch = campaign.launchMs + (index < campaigns.length ? 0 : Math.floor(random.uniform() * 35 * dayMs));
    return {
      index,
      id: opaqueId(settings.seed ^ 0x61645f6b, 1, index),
      imageName: opaqueId(settings.seed ^ 0x706e676b, 2, index),
      campaign,
      format: random.below(formats.length),
      headline: headline(random, campaign.advertiser.vertical),
      launchMs: Math.min(launch, lastMs - dayMs),
      weight: campaign.advertiser.budget * Math.exp(0.5 * random.normal()),
      visual: drawVisualFields(looks),
    };
  });
}
