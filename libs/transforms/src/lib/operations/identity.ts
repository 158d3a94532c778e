import { noParameters, numberOperation } from '../families/numbers.ts';
import { numberAt } from '../read-values.ts';

export const identity = numberOperation({
  name: 'identity',
  summary: 'the number as it is, 0 where it is missing',
  ofNames: true,
  parameters: noParameters,
  needs: () => ({}),
  state: () => null,
  number: () => (columns, row) => numberAt(columns[0], row),
});
