import { quantiles } from '../aggregates/quantiles.ts';
import { noParameters, numberOperation } from '../families/numbers.ts';
import { standardized } from '../families/scaled.ts';
import { numberAt } from '../read-values.ts';

export const robustScale = numberOperation({
  name: 'robustScale',
  summary: 'the number less its median, in quartile distances, cut to ±8: for data with wild values',
  parameters: noParameters,
  needs: () => ({ quartiles: quantiles((columns, row) => numberAt(columns[0], row), [0.25, 0.5, 0.75]) }),
  state({ quartiles: [lower, median, upper] }) {
    if (lower === undefined || median === undefined || upper === undefined) return undefined;
    return { median, distance: upper > lower ? upper - lower : 1 };
  },
  number:
    ({ median, distance }) =>
    (columns, row) =>
      standardized(numberAt(columns[0], row), median, distance),
});
