import { dayMs, hourMs, timePartOperation } from '../families/time-part.ts';

export const hour = timePartOperation({
  name: 'hour',
  summary: 'hour of the day',
  parts: 24,
  part: (timeMs) => Math.floor((timeMs - Math.floor(timeMs / dayMs) * dayMs) / hourMs),
});
