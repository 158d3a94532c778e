import { PermanentFailure } from '@adstocrat/event-bus';
import { copyRows, type LoadedExamples, roomFor } from '../data/load-examples.ts';
import { fewestLabels } from '../search/schedule.ts';

/** Stretches of neighbouring rows, every other one of which chooses. */
const stretches = 40;

/** Validation rows in two: those that trials are chosen by, and those that show what the chosen one is worth. */
export interface TuningRows {
  readonly choosing: LoadedExamples;
  readonly showing: LoadedExamples;
  /** Where each stretch of the showing rows begins, and the end of the last one. */
  readonly bounds: readonly number[];
}

/**
 * Neighbouring stretches choose and show in turn, so that both halves are of all times, and few rows stand beside one of the other half. What is peculiar to
 * the validation rows' time flatters who was chosen in it on both halves: test rows are of another time. Throws a `PermanentFailure` where either half has too few of a label to tell
 * settings apart.
 */
export function tuningRows(validation: LoadedExamples): TuningRows {
  const start = (index: number): number => Math.round((index * validation.rows) / stretches);
  const half = (parity: number): LoadedExamples => {
    const own = Array.from({ length: stretches }, (_, index) => index).filter((index) => index % 2 === parity);
    const rows = own.reduce((sum, index) => sum + start(index + 1) - start(index), 0);
    const into = roomFor(rows, validation, {
      images: validation.images !== undefined,
      weights: validation.weights !== undefined,
    });
    let at = 0;
    for (const index of own) {
      const count = start(index + 1) - start(index);
      copyRows(validation, start(index), count, into, at);
      at += count;
    }
    return into;
  };
  const [choosing, showing] = [half(0), half(1)];
  for (const { labels } of [choosing, showing]) {
    const positives = labels.reduce((sum, label) => sum + label, 0);
    if (Math.min(positives, labels.length - positives) < fewestLabels)
      throw new PermanentFailure(
        `half of the ${validation.rows} validation rows has fewer than ${fewestLabels} of a label: too few to tell settings apart`,
      );
  }
  const bounds = [0];
  for (let index = 1; index < stretches; index += 2) bounds.push(bounds.at(-1)! + start(index + 1) - start(index));
  return { choosing, showing, bounds };
}
