import { warmUpTolerance } from '@adstocrat/servables';
import type { ServableValidation } from './evaluation-report.ts';

/** A single row that takes longer than this can't be served in time on any machine. */
const slowestRowMs = 250;

/** What in a loaded servable forbids to serve it. A number that is not one forbids it too. */
export function objectionsTo({ warmUpRows, largestDifference, rowMs }: ServableValidation): readonly string[] {
  return [
    ...(warmUpRows > 0 ? [] : ['the servable has no warm-up rows to check it by']),
    ...(largestDifference <= warmUpTolerance
      ? []
      : [
          `the servable's warm-up answers differ from the trainer's by ${largestDifference}, more than ${warmUpTolerance}`,
        ]),
    ...(rowMs <= slowestRowMs ? [] : [`the servable takes ${rowMs} ms for one row, more than ${slowestRowMs}`]),
  ];
}
