import { type InferenceLimits, refuseSize } from '../infer/admit.ts';
import { placesOf } from '../infer/places-of.ts';
import { elementsOf } from './shape.ts';

/** The elements of a request's inputs, added up before any of them is made. */
export class RequestSizes {
  readonly #limits: InferenceLimits;
  #values = 0;

  constructor(limits: InferenceLimits) {
    this.#limits = limits;
  }

  /** How many elements a shape stands for. Throws `TooLarge` where they, or all up to them, are more than are answered at once. */
  elementsOf(name: string, shape: readonly number[]): number {
    const elements = elementsOf(name, shape);
    const places = placesOf(shape);
    this.#values += places;
    refuseSize(name, places, this.#values, this.#limits);
    return elements;
  }
}
