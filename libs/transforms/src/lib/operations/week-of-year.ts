import { civilDate } from '../civil-date.ts';
import { dayMs, timePartOperation } from '../families/time-part.ts';

export const weekOfYear = timePartOperation({
  name: 'weekOfYear',
  summary: 'week of the year: the first one has seven days from 1 January',
  parts: 53,
  part: (timeMs) => Math.floor(civilDate(Math.floor(timeMs / dayMs)).dayOfYear / 7),
});
