import { daysSinceMonday, modulo, timePartOperation } from '../families/time-part.ts';

export const weekday = timePartOperation({
  name: 'weekday',
  summary: 'day of the week, Monday first',
  parts: 7,
  part: (timeMs) => modulo(daysSinceMonday(timeMs), 7),
});
