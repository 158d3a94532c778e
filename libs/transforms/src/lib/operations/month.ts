import { civilDate } from '../civil-date.ts';
import { dayMs, timePartOperation } from '../families/time-part.ts';

export const month = timePartOperation({
  name: 'month',
  summary: 'month of the year',
  parts: 12,
  part: (timeMs) => civilDate(Math.floor(timeMs / dayMs)).month,
});
