import { stringify } from 'yaml';
import type { TuningTrialRecord } from '@adstocrat/metadata';
import type { Setting } from '../search/setting.ts';
import { ranked } from './judge-study.ts';
import { settingOf } from './space.ts';

/** Trials that a run tries anew: a run that halves among a few, and may serve a mean of them, is safer than one that has a single one. */
const mostFound = 3;

/** The best trials' settings, the best one first. */
export function foundSettings(trials: readonly TuningTrialRecord[]): readonly Setting[] {
  return ranked(trials)
    .slice(0, mostFound)
    .map(({ trial, point }) => settingOf(point, `trial ${trial}`));
}

/** What goes into task.yaml. */
export function foundSettingsYaml(trials: readonly TuningTrialRecord[]): string {
  return stringify({ training: { settings: foundSettings(trials) } }, { flowCollectionPadding: false, lineWidth: 0 });
}
