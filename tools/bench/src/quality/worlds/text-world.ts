import { Draws, sigmoid } from './draws.ts';
import type { World, WorldRow } from './world.ts';

const [ads, hosts, sections, tagCount, wordCount, devices] = [4000, 200, 25, 40, 1500, 5] as const;
const begin = Date.UTC(2026, 0, 1);
const days = 100;

/**
 * Ads with a title of words, a list of tags and a day on which they began, shown on pages with an address to people who searched for some words.
 * Log-odds = base + the title's words + the searched words + tags + the page's host and section − the ad's age + what a device and a tag say together.
 * Titles, addresses and searches hardly come back as a whole; their parts do. New ads begin all the time.
 */
export function textWorld(seed: number): World {
  const draws = new Draws(seed);
  const effects = (count: number): Float64Array => Float64Array.from({ length: count }, () => draws.normal());
  const [titleWords, searchWords, tags, hostEffects, sectionEffects] = [
    wordCount,
    wordCount,
    tagCount,
    hosts,
    sections,
  ].map(effects) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const together = Array.from({ length: devices }, () => effects(tagCount));
  const [word, tag, host, search] = [
    draws.zipf(wordCount, 0.8),
    draws.zipf(tagCount, 0.6),
    draws.zipf(hosts, 1),
    draws.zipf(wordCount, 0.9),
  ];
  const some = (count: number, draw: () => number): readonly number[] => [
    ...new Set(Array.from({ length: count }, draw)),
  ];
  const shown = Array.from({ length: ads }, () => ({
    began: draws.uniform(-0.3, 1),
    title: some(4 + draws.below(5), word),
    tags: some(1 + draws.below(4), tag),
  }));
  const strengths = { words: draws.uniform(0.3, 0.5), page: draws.uniform(0.3, 0.5), age: draws.uniform(0.2, 0.4) };
  const sum = (of: Float64Array, at: readonly number[]): number => at.reduce((total, one) => total + of[one]!, 0);
  const row = (share: number): WorldRow => {
    let ad = shown[draws.below(ads)]!;
    while (ad.began > share) ad = shown[draws.below(ads)]!;
    const [device, where, section] = [draws.below(devices), host(), draws.below(sections)];
    const searched = some(1 + draws.below(4), search);
    const logit =
      -2 +
      strengths.words * (sum(titleWords, ad.title) + sum(searchWords, searched)) +
      0.4 * (sum(tags, ad.tags) + sum(together[device]!, ad.tags)) +
      strengths.page * (hostEffects[where]! + sectionEffects[section]!) -
      strengths.age * Math.log1p((share - ad.began) * days);
    return {
      values: [
        capital(ad.title.map(nameOf).join(' ')),
        ad.tags.map((one) => `tag ${nameOf(one)}`).join('|'),
        new Date(begin + ad.began * days * 86_400_000).toISOString().slice(0, 10),
        `https://www.${nameOf(where)}.example/${nameOf(section + 50)}/${draws.below(1e6)}`,
        searched.map(nameOf).join(' '),
        `d${device}`,
      ],
      probability: sigmoid(logit),
    };
  };
  return {
    name: 'texts',
    columns: ['headline', 'topics', 'since', 'page', 'query', 'device'],
    *rows(count) {
      for (let index = 0; index < count; index += 1) yield row(index / count);
    },
  };
}

const [consonants, vowels] = ['bdfgklmnprstvz', 'aeiou'];

/** A word of letters for each number. */
function nameOf(at: number): string {
  let [text, rest] = ['', at + 70];
  for (; rest > 0; rest = Math.floor(rest / 70)) text += consonants![Math.floor((rest % 70) / 5)]! + vowels![rest % 5]!;
  return text;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
