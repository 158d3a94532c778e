import type { SpanRecord } from '@adstocrat/metadata';
import type { PlattScaling, ModelSpec } from '@adstocrat/models';
import type { Task } from '@adstocrat/tasks';
import type { TransformGraph, TransformPlan } from '@adstocrat/transforms';
import type { FittedModel } from './fit-model.ts';

/** The model in a page for people, Markdown. Held-out figures are evaluation's to give. */
export function modelCard(of: {
  readonly task: Task;
  readonly version: number;
  readonly runId: string;
  readonly spans: readonly SpanRecord[];
  readonly spec: ModelSpec;
  readonly graph: TransformGraph;
  readonly plan: TransformPlan;
  readonly fitted: FittedModel;
  readonly calibration: PlattScaling;
}): string {
  const { task, graph, plan, spec, fitted, calibration } = of;
  const rows = (split: 'trainRows' | 'validationRows'): string =>
    of.spans.reduce((sum, span) => sum + span[split], 0).toLocaleString('en');
  const fields = graph.fields.map((field) => `| ${field.column} | ${field.kind} | ${field.size} ids |`);
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

Left out:
${dropped.length === 0 ? '- nothing' : dropped.join('\n')}

## Model

Cross network with ${spec.crossLayers} cross layers and hidden layers of ${spec.hidden.join(', ') || 'none'}; embeddings of ${spec.embeddingWidth} for ${spec.embeddingRows.toLocaleString('en')} ids${spec.image === undefined ? '' : `; an image tower of ${spec.image.channels.length} convolutions`}.
Best step ${fitted.step}: validation log-loss ${fitted.validationLoss.toFixed(5)}, AUC ${fitted.validationAuc.toFixed(5)}.
Platt scaling on the validation rows: slope ${calibration.slope.toFixed(4)}, intercept ${calibration.intercept.toFixed(4)}.

## Limits

Scores are calibrated on the validation rows' time and traffic. Values that training did not see share hashed ids. evaluation.json beside this
version holds held-out figures by slice.
`;
}
