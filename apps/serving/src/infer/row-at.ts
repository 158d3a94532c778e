import { placesOf } from './places-of.ts';

/** The row, from 0, that an element lies in: a tensor's first dimension counts rows, the others are elements of one. */
export function rowAt([, ...ofRow]: readonly number[], element: number): number {
  return Math.floor(element / placesOf(ofRow));
}
