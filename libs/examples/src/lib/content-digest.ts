/** What a digest of a row's cells has between two of them, and for one that is missing: characters that no text has. */
export const cellsInDigest = { between: '\u001f', missing: '\u001e' } as const;
