import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { LiveTraffic, type WorldSummary } from '@adstocrat/adworld';
import type { feedback, ingestion } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import {
  describeEvaluation,
  describeRun,
  type PipelineResult,
  runPipeline,
  watchTraining,
  watchVersion,
} from '../pipeline.ts';
import { createProgress, type Progress } from '../progress.ts';
import { callWhenUp, watch } from '../system/calls.ts';
import { Home } from '../system/home.ts';
import { startSystem, type System } from '../system/system.ts';
import { waitUntilServed } from '../commands/wait-until-served.ts';
import { ClickSender } from './click-sender.ts';
import { demoWorld, worldIn } from './demo-world.ts';
import { LiveLoad } from './live-load.ts';
import { nextModelName } from './model-name.ts';
import { PeakMemory } from './peak-memory.ts';

export interface DemoOptions {
  readonly home: string;
  readonly freePorts?: boolean;
  readonly instances?: number;
  readonly once?: boolean;
  readonly json?: boolean;
  /** Event-time seconds per wall second. */
  readonly speed: number;
}

/** Wall seconds of traffic before the drift, of watching for it, and of looking at the new version. */
const calmS = 20;
const detectWithinS = 180;
const afterS = 15;
const hourMs = 3_600_000;
/** Of the demo: rows to learn the new world from before a retrain is asked for, and no second one meanwhile. */
const retrainPolicy = 'thresholds: {minLabelled: 12000, retrainCoolDown: 2d}\n';

/** The whole story on this machine: a world, a model, live traffic, a drift, and the system's answer to it. */
export async function demo(options: DemoOptions): Promise<void> {
  const startedMs = performance.now();
  const home = new Home(options.home);
  const progress = createProgress();
  const memory = new PeakMemory();
  progress.update('start', 0, 0, 'PostgreSQL and the services');
  const system = await startSystem({
    home,
    freePorts: options.freePorts ?? false,
    clockSpeed: options.speed,
    instances: options.instances ?? 1,
    onRestart: (service, reason) => {
      progress.finish(`${service} ended (${reason}) and is started again`);
    },
    onWaiting: (sentence) => {
      progress.finish(`${sentence}; trying again, for a minute at most`);
    },
  });
  let live: LiveLoad | undefined;
  let clicks: ClickSender | undefined;
  try {
    progress.finish(`PostgreSQL and five services are up (${seconds(startedMs)} s)`);
    const world = await worldIn(home, progress);
    progress.finish(
      `a world of ads: ${count(world.rows)} impressions, ${count(world.clicks)} clicks, ${count(world.creatives)} ads, each with its image`,
    );
    const first = await trainFirst(system, world, progress);
    const model = first.span.task;
    const { clock } = system;
    const calmMs = calmS * 1000 * options.speed;
    const traffic = new LiveTraffic({ ...demoWorld, drift: { atMs: world.endMs + calmMs } });
    let failures = 0;
    let driftWallMs = performance.now() + calmS * 1000;
    clicks = new ClickSender(
      system.instances.map(({ feedbackRest }) => `http://127.0.0.1:${feedbackRest}`),
      () => clock.nowMs(),
    );
    const load = new LiveLoad({
      traffic,
      clients: system.clients,
      model,
      clock,
      clicks,
      onFailure: (error) => {
        failures += 1;
        if (failures <= 3) progress.finish(`a request failed: ${(error as Error).message}`);
      },
    });
    live = load;
    progress.finish(
      `live traffic at ${options.speed} times the speed of life: people see ads and click, some an hour later`,
    );
    const driftAtMs = load.startMs + calmMs;
    const story = new Story(system, load, progress, model);
    await story.calm(driftAtMs);
    driftWallMs = performance.now();
    progress.finish(`the world changes: a new site takes most of the traffic, and tastes there are the opposite`);
    const alert = await story.detection(driftAtMs);
    const driftDetectedAfterS = (performance.now() - driftWallMs) / 1000;
    progress.finish(
      `noticed after ${driftDetectedAfterS.toFixed(1)} s (${hours(alert.eventTimeMs - driftAtMs)} h of event time): ${alert.message}`,
    );
    const retrained = await story.retrain(first.span.span);
    const newVersionInServiceAfterS = (performance.now() - driftWallMs) / 1000;
    const servedFromMs = clock.nowMs();
    progress.finish(
      `version ${retrained.run.version} serves everyone ${newVersionInServiceAfterS.toFixed(1)} s after the change, ${count(load.requestsSent)} requests so far, ${load.requestsFailed} failed`,
    );
    await story.watchFigures(afterS);
    const figures = {
      beforeDrift: load.answered.aucBetween(load.startMs, driftAtMs),
      afterDrift: load.answered.aucBetween(driftAtMs, servedFromMs, first.run.version),
      newVersion: load.answered.aucBetween(servedFromMs, Infinity, retrained.run.version),
    };
    progress.finish(
      `live AUC: ${figures.beforeDrift.toFixed(3)} before the change, ${figures.afterDrift.toFixed(3)} after it, ${figures.newVersion.toFixed(3)} with version ${retrained.run.version}`,
    );
    if (options.once !== true) {
      progress.finish(describePorts(system, model, home));
      system.releaseSignals();
      const stop = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await story.keepServing(stop);
    }
    await load.stop();
    await clicks.stop();
    const { rowsSent, rowsSkipped, requestsSent, requestsFailed } = load;
    const summary = {
      rows: world.rows,
      testAuc: first.evaluation.auc,
      testLogLoss: first.evaluation.logLoss,
      ceilings: world.ceilings,
      versions: [versionFacts(first), versionFacts(retrained)],
      driftDetectedAfterS,
      driftDetectedAfterEventS: (alert.eventTimeMs - driftAtMs) / 1000,
      newVersionInServiceAfterS,
      newVersionInServiceAfterEventS: (servedFromMs - driftAtMs) / 1000,
      liveAuc: figures,
      rowsSent,
      rowsSkipped,
      requestsSent,
      requestsFailed,
      clicksSent: clicks.sent,
      peakPssMiB: Math.round(memory.peakMiB),
      seconds: (performance.now() - startedMs) / 1000,
    };
    if (options.json === true) console.log(JSON.stringify(summary));
    else
      progress.finish(`done in ${seconds(startedMs)} s; all processes together took ${summary.peakPssMiB} MiB at most`);
    if (requestsFailed > 0) throw new ExitError(1, `${requestsFailed} of ${requestsSent} requests failed`);
  } finally {
    memory.stop();
    await live?.stop();
    await clicks?.stop();
    await system.stop();
  }
}

async function trainFirst(system: System, world: WorldSummary, progress: Progress): Promise<PipelineResult> {
  const name = await nextModelName(system);
  const taskYaml = `${readFileSync(`${world.out}/task.yaml`, 'utf8').replace(/^name: .*$/m, `name: ${name}`)}${retrainPolicy}`;
  const result = await runPipeline(system.clients, { taskYaml, dataUri: pathToFileURL(world.out).href }, progress);
  const { image, noPixels } = world.ceilings.all;
  progress.finish(
    `held-out AUC ${result.evaluation.auc.toFixed(4)}; on these rows the most one can know gives ${image.onLabels.auc.toFixed(4)}, without the pictures ${noPixels.onLabels.auc.toFixed(4)}`,
  );
  if (!result.deployed)
    throw new ExitError(
      3,
      `version ${result.run.version} was not put into service: ${result.evaluation.reasons.join('; ')}`,
    );
  await waitUntilServed(system.clients, name);
  return result;
}

/** The parts of the story that wait for the system to act by itself. */
class Story {
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
    return { span, run, evaluation: outcome.evaluation, deployed: true };
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

function versionFacts({ run, evaluation, span }: PipelineResult): Record<string, unknown> {
  const { auc, logLoss, blessed, baselineVersion, aucDifference, aucDifferenceLow, aucDifferenceHigh } = evaluation;
  const against = baselineVersion > 0 ? { baselineVersion, aucDifference, aucDifferenceLow, aucDifferenceHigh } : {};
  return { version: run.version, spans: run.spans, evaluatedOn: span.span, auc, logLoss, blessed, ...against };
}

function describePorts({ ports }: System, model: string, home: Home): string {
  return [
    `still serving ${model}: gRPC 127.0.0.1:${ports.serving}, REST http://127.0.0.1:${ports.servingRest}/v1/models/${model}, logs in ${home.path('logs')}`,
    `look around in another terminal: npx adstocrat models · npx adstocrat monitor --model ${model} — Ctrl-C ends it`,
  ].join('\n');
}

const count = (value: number): string => value.toLocaleString('en');
const seconds = (sinceMs: number): string => ((performance.now() - sinceMs) / 1000).toFixed(1);
const hours = (ms: number): string => (ms / hourMs).toFixed(1);
