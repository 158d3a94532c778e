import { readTime, type TimeFormat, writtenFormats } from '@adstocrat/examples';
import { characterRuns, splitParts, wordsOf } from './families/split-text.ts';

/** What the cells of a text column are. */
export type TextKind =
  /** One of several, told by the whole of it. */
  | { readonly kind: 'value' }
  | { readonly kind: 'time'; readonly format: TimeFormat; readonly withClock: boolean }
  /** A web address. `hostAlone`: with nothing behind the host. */
  | { readonly kind: 'address'; readonly hostAlone: boolean; readonly length: number }
  /** Several values between separators; `length`: as many as most cells have, up to 16. */
  | { readonly kind: 'list'; readonly separator: string; readonly length: number }
  /** Written by people in words. */
  | { readonly kind: 'words'; readonly length: number }
  /** Written by people in a script that has no blanks between words. */
  | { readonly kind: 'unspaced'; readonly length: number };

const textFormats: readonly TimeFormat[] = [...writtenFormats, 'yyyymmdd'];
const separators = ['|', ';', ','] as const;
/** How JSON and Python write lists: their words say more than what stands between their commas. */
const bracketed = /^[[{(].*[\]})]$/s;
/** Fewer texts are told apart by themselves: nothing is gained by looking into them. */
const fewTexts = 100;

/** What is looked at of a cell, and different cells that are looked into: more say no more. */
const [shownCharacters, mostValues] = [500, 300] as const;
/** Of cells that are times: the others are missing then. */
const mostAreTimes = 0.95;
/** A day or a time of day within a text: what is made of such a text is no list of words. */
const written = /(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}:\d\d:\d\d/;

/**
 * What a text column holds, from some of its cells, as often as they are there, and how many different ones there are in all. Times: nearly all are, of one
 * format alone. The others: most are, and their parts come back in other cells, so that a part tells something of a cell never seen. Keys
 * of machines, such as `user-17`, are values.
 */
export function textKind(drawn: readonly string[], distinct: number): TextKind {
  const cells = drawn.map((text) => text.slice(0, shownCharacters).trim()).filter((text) => text !== '');
  if (cells.length === 0) return { kind: 'value' };
  const time = timeKind(cells);
  if (time !== undefined) return time;
  if (distinct < fewTexts) return { kind: 'value' };
  const values = [...new Set(cells)].slice(0, mostValues);
  const address = addressKind(values);
  if (address !== undefined) return address;
  if (shareOf(values, (value) => written.test(value)) > 0.5) return { kind: 'value' };
  return (
    listKind(values, separators) ??
    wordsKind(values) ??
    // Keys side by side, with blanks between.
    listKind(values, [' ']) ??
    unspacedKind(values) ?? { kind: 'value' }
  );
}

function timeKind(cells: readonly string[]): TextKind | undefined {
  const read = textFormats.flatMap((format) => {
    const times = cells.map((cell) => readTime(cell, format)).filter((time) => !Number.isNaN(time));
    return times.length >= mostAreTimes * cells.length ? [{ format, times }] : [];
  });
  const [only] = read;
  // A day that may be a month is not for guessing.
  if (only === undefined || read.length > 1) return undefined;
  const { format, times } = only;
  // Eight digits may also be a number.
  if (format === 'yyyymmdd' && !cells.every((cell) => /^(?:19|20)/.test(cell))) return undefined;
  return { kind: 'time', format, withClock: times.some((time) => time % 86_400_000 !== 0) };
}

const address = /^(?:https?:\/\/|www\.)\S+$|^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\/\S*$/i;
const host = /^(?:https?:\/\/)?[^/?#]+\/?$/i;

function addressKind(values: readonly string[]): TextKind | undefined {
  if (shareOf(values, (value) => address.test(value)) < 0.8) return undefined;
  const hostAlone = shareOf(values, (value) => host.test(value)) > 0.9;
  return { kind: 'address', hostAlone, length: lengthOf(values.map(wordsOf), 16) };
}

function listKind(values: readonly string[], between: readonly string[]): TextKind | undefined {
  if (shareOf(values, (value) => bracketed.test(value)) > 0.5) return undefined;
  for (const separator of between) {
    if (shareOf(values, (value) => value.includes(separator)) < 0.3) continue;
    const lists = values.map((value) => splitParts(value, separator));
    // Commas stand within sentences too: parts of a list are short.
    const short = shareOf(lists.flat(), (part) => wordsOf(part).length <= 3) > 0.9;
    if (short && !areNumbers(values, separator) && comeBack(lists))
      return { kind: 'list', separator, length: lengthOf(lists, 16) };
  }
  return undefined;
}

/** Decimal commas, thousands, places on a map, vectors: as many plain numbers in each cell. */
function areNumbers(values: readonly string[], separator: string): boolean {
  const parts = values.map((value) => value.split(separator));
  const plain = shareOf(parts.flat(), (part) => /^\s*[+-]?\d*\.?\d+\s*$/.test(part)) > 0.9;
  return plain && new Set(parts.map(({ length }) => length)).size === 1;
}

function wordsKind(values: readonly string[]): TextKind | undefined {
  const all = values.map((value) => wordsOf(value).filter((word) => !/[0-9]/.test(word) && word.length > 1));
  const seenIn = counted(all);
  // What stands in nearly all of them is how a key is written.
  const told = all.map((words) => words.filter((word) => (seenIn.get(word) ?? 0) < 0.9 * values.length));
  if (shareOf(told, (words) => words.length >= 2) < 0.5 || !comeBack(told)) return undefined;
  return { kind: 'words', length: lengthOf(values.map(wordsOf), 24) };
}

/** Han, kana, Thai, Lao, Burmese and Khmer. */
const unspaced = /[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u4DBF\u4E00-\u9FFF]/g;

function unspacedKind(values: readonly string[]): TextKind | undefined {
  const most = (value: string): boolean => 2 * (value.match(unspaced)?.length ?? 0) > value.length;
  if (shareOf(values, (value) => value.length >= 4 && most(value)) < 0.5) return undefined;
  const runs = values.map((value) => characterRuns(value, 2, 2, shownCharacters));
  return comeBack(runs) ? { kind: 'unspaced', length: lengthOf(runs, 24) } : undefined;
}

/** Whether parts are those of other values more often than not. */
function comeBack(lists: readonly (readonly string[])[]): boolean {
  const seenIn = counted(lists);
  const all = [...seenIn.values()];
  const again = all.filter((count) => count > 1).reduce((sum, count) => sum + count, 0);
  return all.length > 1 && again > 0.5 * all.reduce((sum, count) => sum + count, 0);
}

/** In how many lists a part stands. */
function counted(lists: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const parts of lists) for (const part of new Set(parts)) counts.set(part, (counts.get(part) ?? 0) + 1);
  return counts;
}

/** As many as nineteen lists of twenty have at most, up to a bound. */
function lengthOf(lists: readonly (readonly unknown[])[], bound: number): number {
  const lengths = lists.map(({ length }) => length).sort((a, b) => a - b);
  return Math.min(bound, Math.max(1, lengths[Math.floor(0.95 * (lengths.length - 1))] ?? 1));
}

function shareOf<T>(values: readonly T[], holds: (value: T) => boolean): number {
  return values.length === 0 ? 0 : values.filter(holds).length / values.length;
}
