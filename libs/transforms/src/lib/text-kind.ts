import { readTime, type TimeFormat } from '@adstocrat/examples';
import { characterRuns, splitParts, wordsOf } from './families/split-text.ts';

/** What the cells of a text column are. */
export type TextKind =
  /** One of several, told by the whole of it. */
  | { readonly kind: 'value' }
  | { readonly kind: 'time'; readonly format: TimeFormat; readonly withClock: boolean }
  /** A web address. `hostAlone`: with nothing behind the host. */
  | { readonly kind: 'address'; readonly hostAlone: boolean; readonly length: number }
  /** Several values between separators; `length`: how many cells have, up to 16. */
  | { readonly kind: 'list'; readonly separator: string; readonly length: number }
  /** Written by people in words. */
  | { readonly kind: 'words'; readonly length: number }
  /** Written by people in a script that has no blanks between words. */
  | { readonly kind: 'unspaced'; readonly length: number };

const textFormats = [
  'iso-8601',
  'dd.mm.yyyy',
  'dd/mm/yyyy',
  'mm/dd/yyyy',
  'rfc-2822',
  'yyyymmdd',
] as const satisfies TimeFormat[];
const separators = ['|', ';', ','] as const;
/** How JSON and Python write lists: their words say more than what stands between their commas. */
const bracketed = /^[[{(].*[\]})]$/s;
/** Fewer texts are told apart by themselves: nothing is gained by looking into them. */
const fewTexts = 100;

/**
 * What a text column holds, from some of its different values and how many there are. Times: all values are, of one format alone. The
 * others: most values are, and their parts come back in other values, so that a part tells something of a value never seen. Keys of machines,
 * such as `user-17`, are values.
 */
export function textKind(texts: readonly string[], distinct: number): TextKind {
  const values = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (values.length === 0) return { kind: 'value' };
  const time = timeKind(values);
  if (time !== undefined) return time;
  if (distinct < fewTexts) return { kind: 'value' };
  return (
    addressKind(values) ??
    listKind(values, separators) ??
    wordsKind(values) ??
    // Keys side by side, with blanks between.
    listKind(values, [' ']) ??
    unspacedKind(values) ?? { kind: 'value' }
  );
}

function timeKind(values: readonly string[]): TextKind | undefined {
  const formats = textFormats.filter((format) => values.every((value) => !Number.isNaN(readTime(value, format))));
  const [format] = formats;
  // Eight digits may also be a number.
  if (format === 'yyyymmdd' && !values.every((value) => /^(?:19|20)/.test(value))) return undefined;
  // A day that may be a month is not for guessing.
  if (format === undefined || formats.length > 1) return undefined;
  return { kind: 'time', format, withClock: values.some((value) => readTime(value, format) % 86_400_000 !== 0) };
}

const address = /^(?:https?:\/\/|www\.)\S+$|^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\/\S*$/i;
const host = /^(?:https?:\/\/)?[^/?#]+\/?$/i;

function addressKind(values: readonly string[]): TextKind | undefined {
  if (shareOf(values, (value) => address.test(value)) < 0.9) return undefined;
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
    if (short && comeBack(lists)) return { kind: 'list', separator, length: lengthOf(lists, 16) };
  }
  return undefined;
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
  const runs = values.map((value) => characterRuns(value, 1, 2));
  return comeBack(runs) ? { kind: 'unspaced', length: lengthOf(runs, 32) } : undefined;
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

/** As many as any of the lists has, up to a bound: the values at hand are the frequent ones, and so the shorter ones. */
function lengthOf(lists: readonly (readonly unknown[])[], bound: number): number {
  return lists.reduce((most, { length }) => Math.max(most, Math.min(bound, length)), 1);
}

function shareOf<T>(values: readonly T[], holds: (value: T) => boolean): number {
  return values.length === 0 ? 0 : values.filter(holds).length / values.length;
}
