import { Random } from './random.ts';
import { ageBands, audiences, regions, type Person } from './people.ts';
import { verticals, type Creative } from './catalogue.ts';
import type { Site } from './sites.ts';
import type { WorldSettings } from './world-options.ts';

/** What the columns say of an impression. */
export interface Circumstances {
  readonly timeMs: number;
  readonly person: Person;
  readonly site: Site;
  readonly device: number;
  readonly position: number;
  readonly viewability: number | null;
  readonly exposures: number;
  readonly campaignDay: number;
  readonly creative: Creative;
}

const deviceEffects = [0.16, -0.2, 0.05];
const formatByDevice = [[-0.16, 0.16, 0, 0.12], [0.08, 0.1, -0.06, -0.24], [0, 0.05, 0.05, -0.1]]; // prettier-ignore
const weekdayEffects = [0.1, -0.06, -0.06, -0.04, 0, 0.04, 0.12]; // Sunday first
const topicVertical = [4, 1, 3, 2, 5, 4]; // the vertical that suits each topic

/** Effects of everything that columns tell, in logits: what a model without pixels could learn. */
export class PlainAppeal {
  readonly #affinity: readonly (readonly number[])[];
  readonly #ageVertical: readonly (readonly number[])[];
  readonly #region: readonly number[];

  constructor(settings: WorldSettings) {
    const random = new Random(settings.seed, 'tastes');
    const effect = (deviation: number): number => deviation * Math.min(1.5, Math.max(-1.5, random.normal()));
    // A person of whom a segment is not known has no taste in it.
    this.#affinity = audiences.map((name) => verticals.map(() => (name === '' ? 0 : effect(0.42))));
    this.#ageVertical = ageBands.map((name) => verticals.map(() => (name === '' ? 0 : effect(0.26))));
    this.#region = regions.map(() => effect(0.1));
  }

  /** Effects of who is asked and what is offered. A drift can turn them around. */
  taste(at: Circumstances): number {
    const vertical = at.creative.campaign.advertiser.vertical;
    return (
      this.#affinity[at.person.audience]![vertical]! +
      this.#ageVertical[at.person.age]![vertical]! +
      formatByDevice[at.device]![at.creative.format]! +
      at.creative.campaign.advertiser.effect
    );
  }

  /** Effects of where, when, how often. No drift touches them. */
  occasion(at: Circumstances): number {
    const date = new Date(at.timeMs);
    const vertical = at.creative.campaign.advertiser.vertical;
    return (
      at.site.effect +
      this.#region[at.person.region]! +
      deviceEffects[at.device]! +
      (topicVertical[at.site.topic] === vertical ? 0.3 : 0) -
      0.27 * (at.position - 1) +
      (at.viewability === null ? 0 : 0.7 * (at.viewability - 0.6)) +
      0.18 * Math.sin(((date.getUTCHours() - 14) * 2 * Math.PI) / 24) +
      weekdayEffects[date.getUTCDay()]! -
      0.32 * Math.log(1 + at.exposures) -
      0.004 * Math.min(60, at.campaignDay)
    );
  }
}
