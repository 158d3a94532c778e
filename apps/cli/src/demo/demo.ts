import { once } from 'node:events';
import { LiveTraffic } from '@adstocrat/adworld';
import { ExitError } from '../exit-error.ts';
import type { PipelineResult } from '../pipeline.ts';
import { nextCommand } from '../commands/next-command.ts';
import { createProgress } from '../progress.ts';
import { Home } from '../system/home.ts';
import { startSystem, type System } from '../system/system.ts';
import { ClickSender } from './click-sender.ts';
import { demoWorld, worldIn } from './demo-world.ts';
import { LiveLoad } from './live-load.ts';
import { PeakMemory } from './peak-memory.ts';
import { Story } from './story.ts';
import { trainFirst } from './train-first.ts';
import { writeDemoPage } from './write-demo-page.ts';

export interface DemoOptions {
  readonly home: string;
  readonly freePorts?: boolean;
  readonly instances?: number;
  readonly once?: boolean;
  readonly json?: boolean;
  /** Event-time seconds per wall second. */
  readonly speed: number;
  /** Epochs of training, `training.budget` of the task: fewer than training's own, so that the story is told in minutes. */
  readonly budget: number;
}

/** Wall seconds of traffic before the drift, and of looking at the new version. */
const calmS = 20;
const afterS = 15;
const hourMs = 3_600_000;
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
      progress.finish(sentence);
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
    const first = await trainFirst(system, world, progress, options.budget);
    const model = first.span.task;
    writeDemoPage(home, system, model);
    const { clock } = system;
    const calmMs = calmS * 1000 * options.speed;
    const traffic = new LiveTraffic({ ...demoWorld, drift: { atMs: world.endMs + calmMs } });
    let failures = 0;
    let driftWallMs = performance.now() + calmS * 1000;
    clicks = new ClickSender(
      system.instances.map(({ feedbackRest }) => `${system.restScheme}://127.0.0.1:${feedbackRest}`),
      () => clock.nowMs(),
      system.tls,
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
      progress.finish(describePorts(system, model, home, options));
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

function versionFacts({ run, evaluation, span }: PipelineResult): Record<string, unknown> {
  const { auc, logLoss, blessed, baselineVersion, aucDifference, aucDifferenceLow, aucDifferenceHigh } = evaluation;
  const against = baselineVersion > 0 ? { baselineVersion, aucDifference, aucDifferenceLow, aucDifferenceHigh } : {};
  return { version: run.version, spans: run.spans, evaluatedOn: span.span, auc, logLoss, blessed, ...against };
}

function describePorts({ ports, restScheme }: System, model: string, home: Home, options: DemoOptions): string {
  const look = [['models'], ['monitor', '--model', model]].map((words) => nextCommand(words, { home: options.home }));
  return [
    `still serving ${model}: gRPC 127.0.0.1:${ports.serving}, REST ${restScheme}://127.0.0.1:${ports.servingRest}/v1/models/${model}, logs in ${home.path('logs')}`,
    `ads by their scores, to click: ${restScheme}://127.0.0.1:${ports.servingRest}/demo`,
    `look around in another terminal: ${look.join(' · ')} — Ctrl-C ends it`,
  ].join('\n');
}

const count = (value: number): string => value.toLocaleString('en');
const seconds = (sinceMs: number): string => ((performance.now() - sinceMs) / 1000).toFixed(1);
const hours = (ms: number): string => (ms / hourMs).toFixed(1);
