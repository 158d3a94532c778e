import { moments } from '../aggregates/moments.ts';
import { noParameters, numberOperation } from '../families/numbers.ts';
import { numberAt } from '../read-values.ts';

export const minMax = numberOperation({
  name: 'minMax',
  summary: 'the number between the smallest (0) and the largest (1) training value, cut to that',
  parameters: noParameters,
  needs: () => ({ range: moments((columns, row) => numberAt(columns[0], row)) }),
  state: ({ range: { count, min, max } }) => (count === 0 ? undefined : { min, max }),
  number:
    ({ min, max }) =>
    (columns, row) => {
      const value = numberAt(columns[0], row);
      if (Number.isNaN(value)) return NaN;
      if (value <= min) return 0;
      return value >= max ? 1 : (value - min) / (max - min);
    },
});
