import type { Random } from './random.ts';

const openings = ['New', 'Fresh', 'Limited', 'Our best', 'Free', 'Simply', 'Today', 'Finally'];
const nouns: readonly (readonly string[])[] = [
  ['phones', 'headphones', 'laptops'],
  ['sneakers', 'coats', 'handbags'],
  ['weekends', 'flights', 'cabins'],
  ['coffee', 'lunch boxes', 'olive oil'],
  ['savings', 'cards', 'insurance'],
  ['puzzles', 'racing', 'quests'],
];
const endings = ['for you', 'at half price', 'made to last', 'near you', 'in two days', 'without the fuss'];

/** Text for an ad; now and then with a comma, a quote or a line break. It has no effect on clicks. */
export function headline(random: Random, vertical: number): string {
  const pick = (list: readonly string[]): string => list[random.below(list.length)]!;
  const opening = pick(openings);
  const noun = pick(nouns[vertical]!);
  const ending = pick(endings);
  const style = random.uniform();
  if (style < 0.25) return `${opening} ${noun}, ${ending}`;
  if (style < 0.4) return `"${opening}" ${noun} ${ending}`;
  if (style < 0.45) return `${opening} ${noun}\n${ending}`;
  return `${opening} ${noun} ${ending}`;
}
