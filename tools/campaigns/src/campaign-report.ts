/** One bar of a campaign. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly holds: boolean;
}

/** The last line of every campaign, of the same form as a benchmark's. */
export interface CampaignReport {
  readonly bench: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly peers: Readonly<Record<string, never>>;
  readonly bars: readonly Bar[];
}

export function exactly(name: string, value: number, limit: number): Bar {
  return { name, value, limit, holds: value === limit };
}

export function atMost(name: string, value: number, limit: number): Bar {
  return { name, value, limit, holds: value <= limit };
}

/** The bars that do not hold, for people: `labelled is 11990, 12000 is wanted`. */
export function broken({ bars }: CampaignReport): readonly string[] {
  return bars.filter(({ holds }) => !holds).map(({ name, value, limit }) => `${name} is ${value}, ${limit} is wanted`);
}
