import { hourMs, modulo, timePartOperation } from '../families/time-part.ts';

// 1 January 1970 was a Thursday: 72 hours after Monday.
export const hourOfWeek = timePartOperation({
  name: 'hourOfWeek',
  summary: 'hour of the week, from Monday',
  parts: 168,
  part: (timeMs) => modulo(Math.floor(timeMs / hourMs) + 72, 168),
});
