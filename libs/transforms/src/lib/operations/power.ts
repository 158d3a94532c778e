import { z } from 'zod';
import { exactPower } from '../exact/exponential.ts';
import { scaledOperation, scaleParameters } from '../families/scaled.ts';
import { numberAt } from '../read-values.ts';

export const power = scaledOperation({
  name: 'power',
  summary: 'the number’s size to a power, with its sign, standardized',
  parameters: z.strictObject({ ...scaleParameters, exponent: z.number().gt(0).max(4).default(0.5) }),
  number:
    ({ exponent }) =>
    (columns, row) => {
      const value = numberAt(columns[0], row);
      return value < 0 ? -exactPower(-value, exponent) : exactPower(value, exponent);
    },
});
