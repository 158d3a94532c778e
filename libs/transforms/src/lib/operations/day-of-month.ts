import { civilDate } from '../civil-date.ts';
import { dayMs, timePartOperation } from '../families/time-part.ts';

export const dayOfMonth = timePartOperation({
  name: 'dayOfMonth',
  summary: 'day of the month',
  parts: 31,
  part: (timeMs) => civilDate(Math.floor(timeMs / dayMs)).day,
});
