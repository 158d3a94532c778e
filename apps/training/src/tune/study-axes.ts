import type { TuningTrialRecord } from '@adstocrat/metadata';
import { isChoice } from '@adstocrat/tuning';
import type { Axis } from '../report/parallel-coordinates.ts';
import { tuningSpace } from './space.ts';

/** Parameters that are seen by their logarithm: whatever the data, the same. */
const logarithmic: ReadonlySet<string> = new Set(
  tuningSpace({ fields: 1, idRows: 1 }).flatMap((one) => (!isChoice(one) && one.scale === 'log' ? [one.name] : [])),
);

/** An axis for each parameter that any trial has, as far as their values reach, and the loss as the last one. */
export function axesOf(trials: readonly TuningTrialRecord[]): readonly Axis[] {
  const names = [...new Set(trials.flatMap(({ point }) => Object.keys(point)))];
  const losses = trials.flatMap(({ rungs }) => rungs.at(-1)?.loss ?? []);
  return [
    ...names.map((name): Axis => {
      const values = trials.flatMap(({ point }) => point[name] ?? []);
      const numbers = values.filter((value) => typeof value === 'number');
      if (numbers.length < values.length) return { name, words: [...new Set(values.map(String))].sort() };
      return {
        name,
        from: Math.min(...numbers),
        to: Math.max(...numbers),
        scale: logarithmic.has(name) ? 'log' : 'even',
      };
    }),
    { name: 'log-loss', from: Math.min(...losses), to: Math.max(...losses), scale: 'even' },
  ];
}
