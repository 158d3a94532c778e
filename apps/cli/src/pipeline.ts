import { fileURLToPath } from 'node:url';
import { joinUri } from '@adstocrat/artifact-store';
import { settledStates } from '@adstocrat/rollouts';
import type { evaluation, ingestion } from '@adstocrat/schemas';
import { training } from '@adstocrat/schemas';
import { ExitError } from './exit-error.ts';
import { Pace } from './pace.ts';
import type { Progress } from './progress.ts';
import { accountOf, firstWords, guessedLine } from './span-account.ts';
import { sparkline } from './sparkline.ts';
import { call, callWhenUp, watch } from './system/calls.ts';
import type { Clients } from './system/clients.ts';
import { cancelledOnSignal } from './system/end-on-signal.ts';

/** What the pipeline made of one drop of data. */
export interface PipelineResult {
  readonly span: ingestion.Span;
  readonly run: training.Run;
  readonly evaluation: evaluation.Evaluation;
  /** The version's; nothing follows it. */
  readonly state: string;
  /** What the task left open, the first word on each key. */
  readonly guesses: readonly ingestion.Guess[];
}

/** Data → span. Throws {@link ExitError} with ingestion's own words where the task or its data is wrong. */
export async function ingestData(
  clients: Clients,
  request: ingestion.IngestSpanRequest,
  progress: Progress,
): Promise<ingestion.Span> {
  let span: ingestion.Span | undefined;
  const pace = new Pace();
  for await (const message of watch(() => clients.ingestion.ingestSpan(request))) {
    if (message.progress !== undefined) {
      const { step, done, total } = message.progress;
      progress.update(step, done, total, pace.say(message.progress, performance.now()));
    }
    span = message.span ?? span;
  }
  if (span === undefined) throw new ExitError(1, 'ingestion ended without a span; see its log');
  return span;
}

/** Losses whose course is shown. */
const shownLosses = 16;

/** Waits for a run, or for the one that trains on a span. Throws {@link ExitError} with its reason where it failed. */
export async function watchTraining(
  clients: Clients,
  which: { readonly runId: string } | { readonly task: string; readonly span: number },
  progress: Progress,
): Promise<training.Run> {
  const request = { runId: '', task: '', span: 0, ...which };
  const losses: number[] = [];
  for await (const { run } of watch(() => clients.training.watchRun(request), { withinMs: 180_000 })) {
    if (run === undefined) continue;
    if (run.state === training.RunState.RUN_STATE_CANCELLED)
      throw new ExitError(1, `training was cancelled: ${run.error}`);
    if (run.state === training.RunState.RUN_STATE_FAILED) throw new ExitError(1, `training failed: ${run.error}`);
    if (run.state === training.RunState.RUN_STATE_SUCCEEDED) return run;
    if (run.trainLoss > 0 && run.trainLoss !== losses.at(-1)) losses.push(run.trainLoss);
    if (losses.length > shownLosses) losses.shift();
    const loss = run.trainLoss > 0 ? `loss ${run.trainLoss.toFixed(4)} ${sparkline(losses)}`.trimEnd() : '';
    const auc = run.validationAuc > 0 ? `validation AUC ${run.validationAuc.toFixed(4)}` : '';
    const trains = run.step === 'train';
    const speed =
      trains && run.examplesPerSecond > 0 ? `${Math.round(run.examplesPerSecond).toLocaleString('en')} rows/s` : '';
    const left = trains && run.secondsLeft > 0 ? `about ${Math.ceil(run.secondsLeft)} s left` : '';
    progress.update(run.step, run.done, run.total, [loss, auc, speed, left].filter((word) => word !== '').join(', '));
  }
  throw new ExitError(1, 'training ended without saying how; see its log');
}

/** States that nothing follows. */
const settled: ReadonlySet<string> = new Set(settledStates);

/** States in which a blessed version is tried out on traffic. */
const rollingOut: ReadonlySet<string> = new Set(['shadow', 'canary']);

/** Puts a blessed version into service at once: a canary that nobody asks shows nothing, however long it is held. */
async function hurry(clients: Clients, which: { readonly model: string; readonly version: number }): Promise<void> {
  const request = { ...which, reason: 'in service at once: there is no traffic to try it out on' };
  await callWhenUp<evaluation.RollBackResponse>((done) => clients.evaluation.rollBack(request, done));
}

/**
 * Waits until a version is in service for all traffic, refused, or rolled back. `withoutTraffic`: nobody but this command uses the
 * system, so that a blessed version is not held in steps of its rollout.
 */
export async function watchVersion(
  clients: Clients,
  which: { readonly model: string; readonly version: number },
  progress: Progress,
  options: { readonly withoutTraffic?: boolean } = {},
): Promise<{ readonly state: string; readonly evaluation: evaluation.Evaluation }> {
  let isHurried = options.withoutTraffic !== true;
  let judged: evaluation.Evaluation | undefined;
  for await (const message of watch(() => clients.evaluation.watchVersion(which), { withinMs: 180_000 })) {
    judged = message.evaluation ?? judged;
    if (settled.has(message.state)) {
      if (judged === undefined)
        throw new ExitError(1, `version ${which.version} is ${message.state} without an evaluation`);
      return { state: message.state, evaluation: judged };
    }
    if (!isHurried && rollingOut.has(message.state)) {
      isHurried = true;
      await hurry(clients, which);
    }
    progress.update(
      message.state,
      0,
      0,
      message.basisPoints > 0 ? `${message.basisPoints / 100} % of traffic, held for rollout.step of task.yaml` : '',
    );
  }
  throw new ExitError(1, 'evaluation ended without saying how; see its log');
}

/** Data → span → model → evaluation → in service or not, with what happened as lines for people. */
export async function runPipeline(
  clients: Clients,
  request: ingestion.IngestSpanRequest,
  progress: Progress,
  options: {
    readonly withoutTraffic?: boolean;
    readonly guesses?: readonly ingestion.Guess[];
    /** Notes that were shown before. */
    readonly said?: readonly string[];
  } = {},
): Promise<PipelineResult> {
  const span = await ingestData(clients, request, progress);
  progress.finish(describeSpan(span));
  for (const note of span.notes.filter((one) => options.said?.includes(one) !== true)) progress.finish(`  ${note}`);
  for (const anomaly of span.ready ? span.anomalies : []) progress.finish(`  odd: ${anomaly}`);
  const guesses = [...(options.guesses ?? []), ...span.guesses];
  progress.finish(accountOf(span, guesses));
  if (!span.ready) {
    throw new ExitError(
      1,
      `span ${span.span} has anomalies that forbid training on it:\n  ${span.anomalies.join('\n  ')}`,
    );
  }
  // Asked for by this command too: a run on the same data that failed before is tried anew, and its old error is not this one's.
  const asked = { task: span.task, spans: [span.span] };
  const { runId } = await callWhenUp<training.StartRunResponse>((done) => clients.training.startRun(asked, done));
  const cancelled = { runId, reason: 'the command that asked for it was ended' };
  const run = await cancelledOnSignal(
    () => call<training.CancelRunResponse>((done) => clients.training.cancelRun(cancelled, done)),
    () => watchTraining(clients, { runId }, progress),
  );
  progress.finish(describeRun(run));
  for (const warning of run.warnings) progress.finish(`  ${warning}`);
  if (run.guesses.length > 0) progress.finish(`texts looked into; ${guessedLine(run.guesses)}`);
  const which = { model: span.task, version: run.version };
  // One that was refused before is judged by the limits that the task has now.
  await callWhenUp<evaluation.JudgeAgainResponse>((done) => clients.evaluation.judgeAgain(which, done));
  const outcome = await watchVersion(clients, which, progress, options);
  progress.finish(describeEvaluation(outcome.evaluation));
  return {
    span,
    run,
    evaluation: outcome.evaluation,
    state: outcome.state,
    guesses: firstWords([...guesses, ...run.guesses]),
  };
}

export function describeSpan(span: ingestion.Span): string {
  const rows = span.trainRows + span.validationRows + span.testRows;
  const aside = span.rejectedRows + span.rejectedImages;
  return [
    `span ${span.span}: ${count(rows)} rows (${count(span.trainRows)} train, ${count(span.validationRows)} validation, ${count(span.testRows)} test)`,
    span.images > 0 ? `${count(span.images)} images` : '',
    aside > 0
      ? `${count(span.rejectedRows)} rows and ${count(span.rejectedImages)} images set aside (${placeOf(joinUri(span.uri, 'rejects.csv'))})`
      : '',
    span.alreadyThere ? 'was there already' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** A path where it is on this machine. */
const placeOf = (uri: string): string => (uri.startsWith('file:') ? fileURLToPath(uri) : uri);

export function describeRun(run: training.Run): string {
  const auc = run.validationAuc > 0 ? `, validation AUC ${run.validationAuc.toFixed(4)}` : '';
  return `model version ${run.version} trained on span${run.spans.length > 1 ? 's' : ''} ${run.spans.join(', ')}${auc}`;
}

export function describeEvaluation(judged: evaluation.Evaluation): string {
  const figures = `AUC ${judged.auc.toFixed(4)}, log-loss ${judged.logLoss.toFixed(4)}, calibration ${judged.calibration.toFixed(3)} on ${count(judged.rows)} held-out rows`;
  const against =
    judged.baselineVersion > 0
      ? `; against version ${judged.baselineVersion} (AUC ${judged.baselineAuc.toFixed(4)}): ${signed(judged.aucDifference)} [${signed(judged.aucDifferenceLow)}, ${signed(judged.aucDifferenceHigh)}]`
      : '';
  const reasons = judged.reasons.length > 0 ? `: ${judged.reasons.join('; ')}` : '';
  return `version ${judged.version} ${judged.blessed ? 'blessed' : 'not blessed'}${reasons} (${figures}${against})`;
}

const count = (value: number): string => value.toLocaleString('en');
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
