/** Parts of a text between separators, blanks around them and empty ones left out, each once, in order. */
export function splitParts(text: string, separator: string): readonly string[] {
  if (!text.includes(separator)) {
    const whole = text.trim();
    return whole === '' ? [] : [whole];
  }
  const parts: string[] = [];
  for (const part of text.split(separator)) {
    const trimmed = part.trim();
    if (trimmed !== '') parts.push(trimmed);
  }
  return eachOnce(parts);
}

/** Texts in order, each once. Few are told apart faster by looking at all of them than by a set. */
export function eachOnce(texts: readonly string[]): readonly string[] {
  return texts.length > 16 ? [...new Set(texts)] : texts.filter((text, at) => texts.indexOf(text) === at);
}

/** Words of a text in order, ASCII letters in lower case: runs of letters, digits and all that is not ASCII. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let start = -1;
  let upper = false;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : 0x20;
    const isUpper = code >= 0x41 && code <= 0x5a;
    if (isUpper || code > 0x7f || (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x7a)) {
      if (start < 0) start = at;
      upper ||= isUpper;
      continue;
    }
    if (start >= 0) {
      const word = text.slice(start, at);
      words.push(upper ? lowerAscii(word) : word);
    }
    [start, upper] = [-1, false];
  }
  return words;
}

/** ASCII letters in lower case; others as they are: tables of case folding differ between versions of Unicode. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Words and characters that runs are made of: of what repeats itself for megabytes, all would be looked at. */
const farthest = 16_384;
/** So many are told apart faster by looking at all of them than by a set. */
const fewRuns = 64;

/** Runs of `from` to `to` words with one blank between, each once, in order of length, then of place: the first `most` of them. */
export function wordRuns(words: readonly string[], from: number, to: number, most: number): readonly string[] {
  return runsOf(words, ' ', { from, to, most });
}

/** Runs of `from` to `to` characters (code points), each once, in order of length, then of place: the first `most` of them. */
export function characterRuns(text: string, from: number, to: number, most: number): readonly string[] {
  return runsOf([...text.slice(0, 2 * farthest)], '', { from, to, most });
}

function runsOf(
  all: readonly string[],
  between: string,
  { from, to, most }: { readonly from: number; readonly to: number; readonly most: number },
): readonly string[] {
  const pieces = all.length > farthest ? all.slice(0, farthest) : all;
  const runs: string[] = [];
  const told = most > fewRuns ? new Set<string>() : undefined;
  for (let length = from; length <= to; length += 1)
    for (let at = 0; at + length <= pieces.length; at += 1) {
      if (runs.length === most) return runs;
      const run = length === 1 ? pieces[at]! : pieces.slice(at, at + length).join(between);
      if (told === undefined ? runs.includes(run) : told.has(run)) continue;
      told?.add(run);
      runs.push(run);
    }
  return runs;
}
