import { daysSinceMonday, modulo, timePartOperation } from '../families/time-part.ts';

export const weekend = timePartOperation({
  name: 'weekend',
  summary: 'Saturday or Sunday, or not',
  parts: 2,
  part: (timeMs) => (modulo(daysSinceMonday(timeMs), 7) >= 5 ? 1 : 0),
});
