/** Characters of a cell or record that are shown to people. */
export const shownCharacters = 200;

/** Why a row is set aside: what is said of a cell that holds nothing, and of one that holds something else. */
export interface RejectWords {
  readonly missing: string;
  readonly wrong: string;
}

export const labelWords: RejectWords = {
  missing: 'the label is missing',
  wrong: 'the label is neither of its two values',
};

/** Of an event time that is to be written in this format. */
export function timeWords(format: string): RejectWords {
  return { missing: 'the event time is missing', wrong: `the event time is not ${format}` };
}
