import { setTimeout as sleep } from 'node:timers/promises';
import type { feedback, ingestion } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { describeEvaluation, describeRun, type PipelineResult, watchTraining, watchVersion } from '../pipeline.ts';
import type { Progress } from '../progress.ts';
import { callWhenUp, watch } from '../system/calls.ts';
import type { System } from '../system/system.ts';
import type { LiveLoad } from './live-load.ts';

/** Wall seconds of watching for a drift, and for what follows from it. */
const detectWithinS = 600;
const hourMs = 3_600_000;

/** The parts of the story that wait for the system to act by itself. */
export class Story {
  readonly #system: System;
  readonly #load: LiveLoad;
  readonly #progress: Progress;
  readonly #model: string;

  constructor(system: System, load: LiveLoad, progress: Progress, model: string) {
    this.#system = system;
    this.#load = load;
    this.#progress = progress;
    this.#model = model;
  }

  async calm(untilMs: number): Promise<void> {
    while (this.#system.clock.nowMs() < untilMs) {
      this.#show('calm');
      await sleep(200);
    }
  }

  /** The first alert about something that happened after the drift. */
  async detection(driftAtMs: number): Promise<feedback.WatchAlertsResponse> {
    const late = AbortSignal.timeout(detectWithinS * 1000);
    const showing = setInterval(() => {
      this.#show('watching');
    }, 500);
    try {
      const { feedback: client } = this.#system.clients;
      for await (const alert of watch(() => client.watchAlerts({ model: this.#model }), { signal: late }))
        if (alert.eventTimeMs > driftAtMs) return alert;
    } finally {
      clearInterval(showing);
    }
    throw new ExitError(1, `the drift was not noticed within ${detectWithinS} s; see the log of feedback`);
  }

  /** What the system does of itself: a live span, a run on it, an evaluation, a rollout. */
  async retrain(batchSpan: number): Promise<PipelineResult> {
    const { clients } = this.#system;
    let span: ingestion.Span | undefined;
    for (const end = performance.now() + detectWithinS * 1000; span === undefined; await sleep(200)) {
      if (performance.now() > end)
        throw new ExitError(1, `no live span came within ${detectWithinS} s; see the logs of feedback and ingestion`);
      const { spans } = await callWhenUp<ingestion.ListSpansResponse>((done) =>
        clients.ingestion.listSpans({ task: this.#model }, done),
      );
      span = spans.find((one) => one.span > batchSpan && one.ready);
      this.#show('collecting clicks');
    }
    this.#progress.finish(
      `a retrain was asked for; ${count(span.trainRows + span.validationRows + span.testRows)} labelled live rows became span ${span.span}`,
    );
    const run = await watchTraining(clients, { task: this.#model, span: span.span }, this.#progress);
    this.#progress.finish(describeRun(run));
    const outcome = await watchVersion(clients, { model: this.#model, version: run.version }, this.#progress);
    this.#progress.finish(describeEvaluation(outcome.evaluation));
    if (outcome.state !== 'deployed')
      throw new ExitError(
        3,
        `version ${run.version} ended as ${outcome.state}: ${outcome.evaluation.reasons.join('; ')}`,
      );
    return { span, run, evaluation: outcome.evaluation, state: outcome.state, guesses: span.guesses };
  }

  async watchFigures(forS: number): Promise<void> {
    for (const end = performance.now() + forS * 1000; performance.now() < end; await sleep(500)) this.#show('serving');
  }

  async keepServing(stop: Promise<unknown>): Promise<void> {
    const showing = setInterval(() => {
      this.#show(this.#load.ended ? 'serving (the live days are over)' : 'serving');
    }, 1000);
    await stop;
    clearInterval(showing);
  }

  #show(step: string): void {
    const { requestsSent, requestsFailed, rowsSent, rowsSkipped } = this.#load;
    const nowMs = this.#system.clock.nowMs();
    const auc = this.#load.answered.aucBetween(nowMs - 3 * hourMs, nowMs - hourMs);
    const skipped = rowsSkipped > 0 ? `, ${count(rowsSkipped)} rows skipped: too fast for this machine` : '';
    const live = Number.isNaN(auc) ? '' : `, live AUC ${auc.toFixed(3)}`;
    this.#progress.update(
      step,
      rowsSent,
      0,
      `rows in ${count(requestsSent)} requests, ${requestsFailed} failed${skipped}${live} — ${new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ')}`,
    );
  }
}

const count = (value: number): string => value.toLocaleString('en');
