import { PermanentFailure } from '@adstocrat/event-bus';
import { composeModel, type ModelInputs, parametersOf } from '@adstocrat/models';
import type { Setting } from './setting.ts';

/** Numbers that the models of one search may have together: with two moments each of Adam's, 2.4 GB. The portfolio's have a sixth of it. */
const mostNumbers = 200_000_000;

/** All trials of a search are in memory at once. Throws a `PermanentFailure` that names the largest where they have too many numbers. */
export function assertRoom(settings: readonly Setting[], inputs: ModelInputs): void {
  const sized = settings.map((setting) => ({ setting, numbers: numbersOf(setting, inputs) }));
  const all = sized.reduce((sum, { numbers }) => sum + numbers, 0);
  if (all <= mostNumbers) return;
  const { setting, numbers } = sized.reduce((one, other) => (other.numbers > one.numbers ? other : one));
  throw new PermanentFailure(
    `the models of training.settings have ${all} numbers on this data, more than ${mostNumbers}; the most of them, ${numbers}, has "${setting.name}": fewer settings, embedding.units or hidden units`,
  );
}

function numbersOf(setting: Setting, inputs: ModelInputs): number {
  const image = { filters: 1, cells: 1, units: 32 };
  const shapes = parametersOf(composeModel(inputs, { ...setting, wideL2: 1, image })).map(({ shape }) => shape);
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, side) => product * side, 1), 0);
}
