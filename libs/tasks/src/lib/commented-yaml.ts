import { Document, isMap, isScalar } from 'yaml';
import type { Task } from './task.ts';

/** What each key of task.yaml decides. */
const meanings: Readonly<Record<string, string>> = {
  name: "the task's name, and its model's",
  data: 'which files are examples (globs below --data) and which tables are joined to them, each by a column of the same name',
  label: 'the column to predict',
  positive: 'values of the label that are positive; every other one is negative',
  unlabelled: 'what a row without a label is',
  id: 'the column that tells one example from another; without it, its place in the data (none: do not guess one)',
  eventTime: 'when the example happened; the split goes by it (none: do not guess one)',
  timeFormat: 'how the event time is written',
  unit: 'who the examples are of: all of one unit fall on one side of a split or a canary',
  item: 'what is shown: evaluation looks at items that training never saw',
  notGuessed: 'roles that no column has, and none is guessed to have',
  image: 'the column that names an image file, and the folder that the names begin in',
  knownLater:
    'columns known only once a row was shown (its position): what a server takes each for, as no request gives them',
  weight: 'the column that says how much a training row counts',
  impressions: 'what opens the window for a click: the prediction itself, or an event called impression',
  window: 'how long after it a click still counts',
  split: 'what is held out: by time the newest, or by a hash of the unit or id',
  features:
    'what a column becomes where it is not left to the run: ignore, numeric, vocabulary, log1p, … (docs/training.md#features)',
  slices: 'columns by whose values evaluation looks closer: [[device], [device, site]]',
  thresholds:
    'limits of evaluation, monitors and retraining; those left out have defaults (docs/evaluation.md, docs/monitoring.md)',
  rollout: 'how a blessed version takes over: shadow first, then these shares of the traffic, each for a step',
  training:
    'how long and by what a run trains; what is left out has defaults, or is chosen by the data (docs/training.md)',
  personal: 'columns that no one may read: hash, drop, or for numbers {bucket: 10}',
};

/**
 * A task for people to review: every key with a line on what it decides, keys with `guesses` (a line each, or several) with those, and
 * `notes` about the data at the top.
 */
export function commentedYaml(
  task: Task,
  options: {
    readonly notes?: readonly string[];
    readonly guesses?: Readonly<Record<string, string | readonly string[]>>;
  } = {},
): string {
  const { notes = [], guesses = {} } = options;
  const document = new Document(task);
  if (!isMap(document.contents)) throw new TypeError('a task is a map');
  for (const { key } of document.contents.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    const lines = [meanings[name], guesses[name]].flat().filter((line) => line !== undefined);
    if (lines.length > 0) key.commentBefore = lines.map(comment).join('\n');
  }
  if (notes.length > 0) document.commentBefore = notes.map(comment).join('\n');
  return document.toString({ lineWidth: 0 });
}

/** One line, whatever is in it. */
const comment = (line: string): string => ` ${line.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')}`;
