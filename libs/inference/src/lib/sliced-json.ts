import type { Steps } from '@adstocrat/transforms';

/** A JSON value as one text in pieces, each of them JSON: whoever reads it may pause between two. */
export interface SlicedJson {
  /** UTF-8, one piece behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each piece ends. The first one is the value without what the others hold. */
  readonly ends: readonly number[];
  /** Where the elements of each further piece belong, piece by piece in order. */
  readonly places: readonly (readonly (string | number)[])[];
}

/** Elements of one piece, at most: a text of so many terms is read in about a millisecond. */
export const pieceElements = 4096;

/** Cuts a value's long arrays of texts and numbers into pieces. What JSON cannot say is lost, as it is in JSON. */
export function sliceJson(value: unknown): SlicedJson {
  const places: (readonly (string | number)[])[] = [];
  const further: string[] = [];
  const without = (one: unknown, place: readonly (string | number)[]): unknown => {
    if (Array.isArray(one)) {
      if (one.length <= pieceElements || one.some(isContainer))
        return one.map((each, at) => without(each, [...place, at]));
      for (let from = 0; from < one.length; from += pieceElements) {
        further.push(JSON.stringify(one.slice(from, from + pieceElements)));
        places.push(place);
      }
      return [];
    }
    if (!isContainer(one)) return one;
    return Object.fromEntries(Object.entries(one).map(([key, each]) => [key, without(each, [...place, key])]));
  };
  const whole = without(value, []);
  const pieces = [JSON.stringify(whole), ...further].map((text) => new TextEncoder().encode(text));
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  const ends = pieces.map((piece) => {
    bytes.set(piece, end);
    return (end += piece.length);
  });
  return { bytes, ends, places };
}

/** Puts a value together again, a piece a step. */
export function* readSlicedJson<T>({ bytes, ends, places }: SlicedJson): Steps<T> {
  const decoder = new TextDecoder();
  const piece = (at: number): unknown =>
    JSON.parse(decoder.decode(bytes.subarray(at === 0 ? 0 : ends[at - 1], ends[at])));
  const value = piece(0);
  for (const [at, place] of places.entries()) {
    yield;
    let found = value;
    for (const key of place) found = (found as Record<string | number, unknown>)[key];
    for (const element of piece(at + 1) as readonly unknown[]) (found as unknown[]).push(element);
  }
  return value as T;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
