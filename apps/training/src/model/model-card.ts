import type { SpanRecord } from '@adstocrat/metadata';
import { costPerRow } from '@adstocrat/models';
import { fittedAgain, saidOf } from '../report/served-words.ts';
import type { Task } from '@adstocrat/tasks';
import { placedFeatures, type TransformGraph, type TransformPlan } from '@adstocrat/transforms';
import type { SearchResult, TrialSummary } from '../search/search-model.ts';

/** The model in a page for people, Markdown. Held-out figures are evaluation's to give. */
export function modelCard(of: {
  readonly task: Task;
  readonly version: number;
  readonly runId: string;
  readonly spans: readonly SpanRecord[];
  readonly graph: TransformGraph;
  readonly plan: TransformPlan;
  readonly found: SearchResult;
  readonly warnings: readonly string[];
}): string {
  const { task, graph, plan, found } = of;
  const { loss, auc } = found.look;
  const rows = (split: 'trainRows' | 'validationRows'): string =>
    of.spans.reduce((sum, span) => sum + span[split], 0).toLocaleString('en');
  const shown = found.look.logits.length;
  const whole = of.spans.reduce((sum, span) => sum + span.validationRows, 0);
  const looked = shown < whole ? `an even part of ${shown} validation rows` : 'the validation rows';
  const fields = placedFeatures(graph).map(({ feature: { op, columns, slots, size } }) => {
    const ids = slots === 1 ? `${size} ids` : `up to ${slots} of ${size} ids`;
    return `| ${columns[0] ?? ''} | ${op} | ${ids} |`;
  });
  const dense = graph.dense.map((input) => `| ${input.column} | ${input.kind} | 1 number |`);
  const dropped = [...plan.dropped].map(([column, reason]) => `- ${column}: ${reason}`);
  return `# ${task.name}, version ${of.version}

Predicts the probability that \`${task.label}\` is 1. Run ${of.runId}.

## Data

Spans ${of.spans.map(({ span, kind }) => `${span} (${kind})`).join(', ')}: ${rows('trainRows')} training and ${rows('validationRows')} validation rows.

## Inputs

| column | transform | gives |
| --- | --- | --- |
${[...fields, ...dense, ...(graph.image === undefined ? [] : [`| ${graph.image.column} | image | ${graph.image.size} × ${graph.image.size} pixels |`])].join('\n')}

${rowsOf(task)}Left out:
${dropped.length === 0 ? '- nothing' : dropped.join('\n')}

## Model

${chosenOf(found)}. It costs ${costPerRow(found.served.spec).toLocaleString('en')} multiply-adds a row, without its image.
On ${looked}, calibrated: log-loss ${loss.toFixed(5)}, AUC ${auc.toFixed(5)}.
${fittedAgain(found)
  .map((sentence) => `${sentence}\n`)
  .join('')}
| tried | epochs | best after | validation log-loss, calibrated | AUC | served |
| --- | --- | --- | --- | --- | --- |
${found.trials.map(trialRow).join('\n')}

${found.cautious ? 'The validation rows have too few of a label to choose a model or to calibrate by: this is a logistic regression that is held back strongly.' : calibrationOf(found)}
${of.warnings.map((warning) => `\nWarning: ${warning}.\n`).join('')}
## Limits

Scores are calibrated on the validation rows' time and traffic. Values that training did not see share hashed ids. evaluation.json beside this
version holds held-out figures by slice.
`;
}

/** What is said of training rows beyond that they are there. */
function rowsOf({ knownLater = {}, weight, training: { halfLife, negatives } }: Task): string {
  const lines = [
    ...Object.entries(knownLater).map(
      ([column, value]) => `${column} is read in training alone; a server takes it for ${JSON.stringify(value)}.`,
    ),
    ...(weight === undefined ? [] : [`A training row counts as ${weight} says.`]),
    ...(halfLife === undefined
      ? []
      : [`A training row counts half for each ${halfLife} that it is older than the newest.`]),
    ...(negatives === undefined
      ? []
      : [`Trained on ${negatives} of the negative rows; scores are probabilities among all rows.`]),
  ];
  return lines.map((line) => `${line}\n\n`).join('');
}

/** What the scores go through, and how each kind did on validation rows that it was not fitted on. */
function calibrationOf({ calibration, calibrationsTried }: SearchResult): string {
  const tried = calibrationsTried.map(({ method, loss }) => `${method} ${loss.toFixed(5)}`).join(', ');
  return `Calibration by the validation rows: ${saidOf(calibration)}. Log-loss on rows it was not fitted on: ${tried}.`;
}

function chosenOf({ members }: SearchResult): string {
  const names = members.map(({ name }) => name);
  return names.length === 1 ? `"${names[0]}"` : `The mean of ${names.map((name) => `"${name}"`).join(' and ')}`;
}

function trialRow({
  name,
  epochs,
  bestEpoch,
  validationLoss,
  validationAuc,
  chosen,
  beginning,
  wentBack,
  failedAtStep,
}: TrialSummary): string {
  const begun = beginning === undefined ? '' : ` (${beginning})`;
  const back = wentBack.length === 0 ? '' : ` (went back to its best look after step ${wentBack.join(', ')})`;
  const failed = `${begun}${back}${failedAtStep === undefined ? '' : ` (its numbers were not finite after step ${failedAtStep})`}`;
  return `| ${name}${failed} | ${epochs.toFixed(1)} | ${bestEpoch.toFixed(1)} | ${validationLoss.toFixed(5)} | ${validationAuc.toFixed(5)} | ${chosen ? 'yes' : ''} |`;
}
