import { drawCatalogue, type Creative } from './catalogue.ts';
import type { DriftEffect } from './drift.ts';
import { campaignDay, type Impression } from './impression.ts';
import { NoisySigmoid, sigmoid } from './noisy-sigmoid.ts';
import { opaqueId } from './opaque-id.ts';
import { devices, People, type Person } from './people.ts';
import { PlainAppeal } from './plain-appeal.ts';
import { mix, Random } from './random.ts';
import { newSite, Sites, type Site } from './sites.ts';
import { viewingKey, visualAppeal } from './visual-appeal.ts';
import { trafficAt } from './traffic-profile.ts';
import { WeightedChoice } from './weighted-choice.ts';
import { dayMs, hourMs, worldSettings, type WorldOptions, type WorldSettings } from './world-options.ts';

/** Standard deviation of a person's mood at one impression, in logits. Nothing tells it. */
const moodDeviation = 0.35;
const positionChoices = Array.from({ length: 7 }, (_, positions) =>
  positions === 0
    ? undefined
    : new WeightedChoice(Array.from({ length: positions }, (_unused, index) => (index + 1) ** -0.5)),
);

/** Draws impressions at given times. It holds no state that a draw changes but a cache, so any order gives the same. */
export class World {
  readonly settings: WorldSettings;
  readonly creatives: readonly Creative[];
  /** Probability over moods. */
  readonly response = new NoisySigmoid(moodDeviation);
  readonly #people: People;
  readonly #sites: Sites;
  readonly #appeal: PlainAppeal;
  readonly #base: number;
  #onShow: { readonly hour: number; readonly choice: WeightedChoice } | undefined;

  constructor(options: WorldOptions = {}) {
    this.settings = worldSettings(options);
    this.creatives = drawCatalogue(this.settings);
    this.#people = new People(this.settings);
    this.#sites = new Sites(this.settings);
    this.#appeal = new PlainAppeal(this.settings);
    this.#base = this.#calibrate();
  }

  /**
   * One impression at `timeMs`. `random` is the stream to draw from; `high` and `low` make its id, so no pair of them
   * may be used for two impressions.
   */
  impression(random: Random, timeMs: number, high: number, low: number, drift?: DriftEffect): Impression {
    return this.#draw(random, timeMs, opaqueId(this.settings.seed ^ 0x726f7773, high, low), this.#base, drift);
  }

  #draw(random: Random, timeMs: number, id: string, base: number, drift: DriftEffect | undefined): Impression {
    const active = drift !== undefined && timeMs >= drift.atMs ? drift : undefined;
    const creative = this.creatives[this.#choiceAt(timeMs).draw(random)]!;
    const onNewSite = active !== undefined && random.uniform() < active.newSiteShare;
    const person = onNewSite ? this.#newcomer(random) : this.#people.draw(random);
    const site: Site = onNewSite ? newSite : this.#sites.draw(random);
    const device =
      onNewSite && random.uniform() < 0.5 ? 0 : random.uniform() < 0.8 ? person.device : random.below(devices.length);
    const position = 1 + positionChoices[site.positions]!.draw(random);
    const seen = Math.round(1000 * Math.min(1, Math.max(0, 0.95 - 0.09 * position + 0.2 * random.normal()))) / 1000;
    const viewability = random.uniform() < 0.08 ? null : seen;
    const floor = Math.round(100 * site.priceFloor * Math.exp(0.35 * random.normal())) / 100;
    const priceFloor = random.uniform() < 0.12 ? null : floor;
    const exposures = this.#exposures(person, creative, timeMs);
    const at = {
      timeMs,
      person,
      site,
      device,
      position,
      viewability,
      exposures,
      campaignDay: campaignDay(creative, timeMs),
      creative,
    };
    const vertical = creative.campaign.advertiser.vertical;
    const turned = active === undefined ? 1 : onNewSite ? active.newSiteTaste : active.taste;
    const plainLogit = base + this.#appeal.occasion(at) + turned * this.#appeal.taste(at);
    const imageLogit =
      plainLogit +
      turned * visualAppeal(creative.visual, { age: person.age, audience: person.audience, device, vertical });
    const probability = sigmoid(imageLogit + moodDeviation * random.normal());
    const clicked = random.uniform() < probability;
    // Median 25 s; about 1 in 100 clicks comes after more than an hour.
    const clickDelayMs = clicked ? Math.round(25_000 * Math.exp(2.1 * random.normal())) + 400 : null;
    return {
      id,
      timeMs,
      person,
      site,
      device,
      position,
      viewability,
      priceFloor,
      exposures,
      creative,
      probability,
      viewing: viewingKey(person, device, vertical),
      plainLogit,
      imageLogit,
      clickDelayMs,
    };
  }

  /** Of four people, the first who is young or into tech or food: the new site draws another crowd. */
  #newcomer(random: Random): Person {
    let person = this.#people.draw(random);
    for (let tries = 0; tries < 3 && person.age > 1 && person.audience !== 1 && person.audience !== 4; tries++)
      person = this.#people.draw(random);
    return person;
  }

  /**
   * How often `person` saw the campaign before. The log is a sample of all traffic, so this grows with time at a rate
   * of its own for each pair, whatever number of rows is drawn.
   */
  #exposures(person: Person, creative: Creative, timeMs: number): number {
    const luck =
      (mix(mix(person.index + 1) ^ Math.imul(creative.campaign.number, 0x9e3779b9) ^ this.settings.seed) >>> 0) /
      4_294_967_296;
    const daily = 0.12 * person.activity * -Math.log(1 - luck);
    const days = Math.max(0, timeMs - creative.campaign.launchMs) / dayMs;
    return Math.min(50, Math.floor(daily * Math.min(days, 30)));
  }

  #choiceAt(timeMs: number): WeightedChoice {
    const hour = Math.floor(timeMs / hourMs);
    if (this.#onShow?.hour !== hour) {
      const weights = this.creatives.map((creative) => showWeight(creative, hour * hourMs));
      this.#onShow = { hour, choice: new WeightedChoice(weights) };
    }
    return this.#onShow.choice;
  }

  /** The base logit at which the history's expected share of clicks is the one asked for. */
  #calibrate(): number {
    const random = new Random(this.settings.seed, 'pilot');
    const rows = 32_768;
    const spanMs = this.settings.endMs - this.settings.startMs;
    const pilot = Array.from({ length: rows }, (_, row) => {
      const timeMs = this.settings.startMs + Math.floor(((row + random.uniform()) * spanMs) / rows);
      return { logit: this.#draw(random, timeMs, '', 0, undefined).imageLogit, weight: trafficAt(timeMs) };
    });
    const total = pilot.reduce((sum, { weight }) => sum + weight, 0);
    let low = -20;
    let high = 20;
    while (high - low > 1e-6) {
      const middle = (low + high) / 2;
      let sum = 0;
      for (const { logit, weight } of pilot) sum += weight * this.response.at(logit + middle);
      if (sum / total < this.settings.clickRate) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Half a day to full strength, then less each day, gone after 75 days. */
function showWeight(creative: Creative, timeMs: number): number {
  const age = timeMs - creative.launchMs;
  if (age < 0 || age > 75 * dayMs) return 0;
  return creative.weight * Math.min(1, (age + hourMs) / (dayMs / 2)) * Math.exp(-age / (30 * dayMs));
}
