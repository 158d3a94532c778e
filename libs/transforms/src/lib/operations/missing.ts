import { noParameters, numberOperation } from '../families/numbers.ts';
import { textAt } from '../read-values.ts';

export const missing = numberOperation({
  name: 'missing',
  summary: '1 where the value is missing, else 0',
  parameters: noParameters,
  needs: () => ({}),
  state: () => null,
  number: () => (columns, row) => (textAt(columns[0], row) === null ? 1 : 0),
});
