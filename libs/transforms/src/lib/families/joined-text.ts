import type { Texts } from '../aggregates/texts.ts';
import type { Columns } from '../operation.ts';
import { textAt } from '../read-values.ts';

/** Between the parts of a joined text: the unit separator of ASCII, which data does not hold. */
const separator = '\u001f';

/** The texts of the first columns as one; null where each is missing. A missing one is an empty part, so that it is told from any text. */
export function joinedText(columns: Columns, row: number, count: number): string | null {
  if (count === 1) return textAt(columns[0], row);
  let joined = '';
  let present = false;
  for (let at = 0; at < count; at += 1) {
    const text = textAt(columns[at], row);
    if (text !== null) present = true;
    joined += at === 0 ? (text ?? '') : separator + (text ?? '');
  }
  return present ? joined : null;
}

/** The texts of all columns as one; see {@link joinedText}. */
export const joinedTexts: Texts = (columns, row) => joinedText(columns, row, columns.length);

/** The text of the first column. */
export const ownText: Texts = (columns, row) => textAt(columns[0], row);
