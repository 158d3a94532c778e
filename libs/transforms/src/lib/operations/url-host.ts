import { z } from 'zod';
import { lowerAscii } from '../families/split-text.ts';
import { termOperation, termParameters } from '../families/terms.ts';
import { textAt } from '../read-values.ts';

/** Scheme, user and `www.` left out; up to a port, a path, a query or a fragment. */
const host = /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/)?(?:[^/?#@]*@)?(?:www\.)?([^/?#:]+)/;

export const urlHost = termOperation({
  name: 'urlHost',
  summary: 'an id for each frequent host of an address',
  parameters: z.strictObject(termParameters),
  texts: () => (columns, row) => {
    const text = textAt(columns[0], row);
    return text === null ? null : (host.exec(lowerAscii(text.trim()))?.[1] ?? null);
  },
});
