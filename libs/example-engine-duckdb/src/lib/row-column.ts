import { reservedPrefix } from '@adstocrat/examples';

/** Orders the rows of every relation; never shown outside the engine. */
export const rowColumn = `${reservedPrefix}row`;
