import type { ingestion } from '@adstocrat/schemas';

/** What a command knows of a span. */
export type Accounted = Pick<
  ingestion.Span,
  'trainRows' | 'validationRows' | 'testRows' | 'rejectedRows' | 'rejectedImages' | 'images' | 'setAside'
>;

/** Characters of a reason that the line shows: all of it is in the rejects. */
const shownCharacters = 100;

/**
 * One line that says what was loaded, what was set aside and why, and what was guessed, each with the key of task.yaml that changes it.
 */
export function accountOf(span: Accounted, guesses: readonly ingestion.Guess[]): string {
  const loaded = span.trainRows + span.validationRows + span.testRows;
  const reasons = span.setAside.map(({ reason, rows }) => `${count(rows)} × ${shortened(reason)}`);
  const aside = [
    `${count(span.rejectedRows)} rows`,
    ...(span.rejectedImages > 0 ? [`${count(span.rejectedImages)} images`] : []),
  ].join(' and ');
  return [
    `loaded ${count(loaded)} of ${count(loaded + span.rejectedRows)} rows${span.images > 0 ? ` and ${count(span.images)} images` : ''}`,
    reasons.length === 0 ? 'set nothing aside' : `set aside ${aside} (${reasons.join('; ')})`,
    guessedLine(guesses),
  ].join('; ');
}

/** The first of each key: what was guessed before there was a span is what the span was made by. */
export function firstWords(guesses: readonly ingestion.Guess[]): readonly ingestion.Guess[] {
  return guesses.filter(({ key }, index) => guesses.findIndex((one) => one.key === key) === index);
}

/** What was guessed, in words. */
export function guessedLine(guesses: readonly ingestion.Guess[]): string {
  const first = firstWords(guesses);
  if (first.length === 0) return 'guessed nothing';
  return `guessed ${first.map(({ what, value, key }) => `${what} ${value} [${key}]`).join(', ')} — in brackets the key of task.yaml that changes it`;
}

const shortened = (text: string): string =>
  text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;

const count = (value: number): string => value.toLocaleString('en');
