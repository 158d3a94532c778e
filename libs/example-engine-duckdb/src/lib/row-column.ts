import { reservedPrefix } from '@adstocrat/examples';

/** Orders the rows of every relation; never shown outside the engine. */
export const rowColumn = `${reservedPrefix}row`;
/** The number of the file that a scanned row came from, and the line on which it begins. */
export const fileColumn = `${reservedPrefix}file`;
export const lineColumn = `${reservedPrefix}line`;

/** Columns that no caller sees. */
export const hiddenColumns: ReadonlySet<string> = new Set([rowColumn, fileColumn, lineColumn]);
