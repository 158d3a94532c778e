import { PermanentFailure } from '@adstocrat/event-bus';
import { isOutOfMemory } from '@adstocrat/tensorflow';

/** Does work in one part, or in as many as memory makes it; what was too large once is not tried again. */
export class LessAtOnce {
  /** Parts that the next work is done in. */
  parts: number;
  readonly #what: string;

  /** `what`: named where there is no memory for a single row of it. */
  constructor(what: string, parts = 1) {
    this.#what = what;
    this.parts = parts;
  }

  /** Twice the parts whenever there was no memory. Throws a `PermanentFailure` where they would be more than the rows. */
  run<T>(rows: number, work: (parts: number) => T): T {
    for (;;) {
      try {
        return work(this.parts);
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
        if (this.parts * 2 > rows)
          throw new PermanentFailure(
            `there is no memory for ${this.#what}, not even for one row at a time: give training more, or the model fewer ids by features in the task`,
            { cause: error },
          );
        this.parts *= 2;
      }
    }
  }
}
