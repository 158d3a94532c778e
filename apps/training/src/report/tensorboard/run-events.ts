import type { TrialSummary } from '../../search/search-model.ts';
import { eventFile, type ScalarEvent } from './event-file.ts';

/** TensorBoard's steps are whole numbers: thousandths of an epoch. */
const stepsAnEpoch = 1000;

/**
 * A file of events for each trial that was looked at, by its path below `tensorboard/`: TensorBoard shows each folder as a run. There is
 * no clock in them, so that the same run gives the same bytes: an epoch is a second.
 */
export function runEvents(trials: readonly TrialSummary[]): Readonly<Record<string, Uint8Array>> {
  return Object.fromEntries(
    trials.flatMap(({ name, curve }, index): [string, Uint8Array][] => {
      if (curve.length === 0) return [];
      const events = curve.map(({ epoch, trainLoss, loss, auc }): ScalarEvent => ({
        step: Math.round(epoch * stepsAnEpoch),
        wallTime: epoch,
        scalars: {
          ...(trainLoss !== undefined && { 'loss/train': trainLoss }),
          'loss/validation': loss,
          'auc/validation': auc,
        },
      }));
      const folder = `${index}-${name.replaceAll(/[^a-zA-Z0-9]+/g, '-').slice(0, 60)}`;
      return [[`tensorboard/${folder}/events.out.tfevents.0.adstocrat`, eventFile(events)]];
    }),
  );
}
