import type { Pool } from 'pg';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { EventBus } from '@adstocrat/event-bus';
import type { Metadata } from '@adstocrat/metadata';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { parseDurationMs, parseTask, type Task } from '@adstocrat/tasks';
import { emitLabels } from './join/emit-labels.ts';
import { prune } from './join/prune.ts';
import { type EventClock, watermark } from './join/watermark.ts';
import { recordReadings, resolveOthers } from './monitor/alerts.ts';
import { type Baseline, loadBaseline } from './monitor/baseline.ts';
import { type EventWindow, judgeFeatures, judgeLabels } from './monitor/judge-window.ts';
import { retrainIfNeeded } from './monitor/retrain.ts';

export interface LookAtModelOptions {
  readonly pool: Pool;
  readonly bus: EventBus;
  readonly metadata: Metadata;
  readonly store: ArtifactStore;
  readonly workDir: string;
  /** Event-time seconds per wall second. */
  readonly clockSpeed: number;
  /** Wall milliseconds. */
  readonly latenessMs: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** Wall milliseconds that a task read from the registry is used for. */
const taskMs = 5000;

/** One look at a model: labels that became final, windows that ended, and whether to ask for a retrain. */
export class LookAtModel {
  readonly #options: LookAtModelOptions;
  readonly #clocks = new Map<string, EventClock>();
  readonly #baselines = new Map<string, Baseline>();
  readonly #tasks = new Map<string, { readonly task: Task; readonly readAtMs: number }>();

  constructor(options: LookAtModelOptions) {
    this.#options = options;
  }

  /** The task of a model; undefined where there is none, as for a model that was not trained here. */
  async task(model: string): Promise<Task | undefined> {
    const known = this.#tasks.get(model);
    if (known !== undefined && this.#options.nowMs() - known.readAtMs < taskMs) return known.task;
    const record = await this.#options.metadata.getTask(model);
    if (record === undefined) return undefined;
    const task = parseTask(record.resolvedYaml, `task "${model}"`);
    this.#tasks.set(model, { task, readAtMs: this.#options.nowMs() });
    return task;
  }

  async look(model: string): Promise<void> {
    const { pool, bus, metadata, clockSpeed, latenessMs, nowMs, logger } = this.#options;
    const task = await this.task(model);
    const clock = await this.#clock(model);
    if (task === undefined || clock === undefined) return;
    const lengthMs = parseDurationMs(task.window);
    const watermarkMs = watermark(clock, nowMs(), clockSpeed, latenessMs);
    await emitLabels(pool, bus, model, { lengthMs, watermarkMs });
    const deployment = await metadata.currentDeployment(model);
    const stable = deployment?.labels['stable'];
    if (deployment !== undefined && stable !== undefined) {
      const versions = deployment.versions.map(({ version }) => version);
      await resolveOthers(pool, model, versions, watermarkMs);
      await this.#judge(model, task, { stable, versions }, lengthMs, watermarkMs);
      const retrain = await retrainIfNeeded(pool, model, stable, watermarkMs, task.thresholds);
      if (retrain !== undefined) logger.info({ model, version: stable, retrain }, 'retrain asked for');
    }
    await prune(pool, model, watermarkMs, lengthMs);
  }

  async #judge(
    model: string,
    task: Task,
    { stable, versions }: { readonly stable: number; readonly versions: readonly number[] },
    lengthMs: number,
    watermarkMs: number,
  ): Promise<void> {
    const { pool, nowMs } = this.#options;
    const baseline = await this.#baseline(model, stable);
    const ended = (kind: string, untilMs: number): AsyncGenerator<EventWindow> =>
      this.#endedWindows(model, kind, lengthMs, untilMs);
    for await (const { startMs, endMs } of ended('features', watermarkMs)) {
      if (baseline === undefined) continue;
      const readings = await judgeFeatures(pool, model, { startMs, endMs }, baseline, task.thresholds);
      await recordReadings(pool, { model, version: stable, startMs, endMs, readings }, nowMs());
    }
    // A row counts once its own window is over, clicked or not: else the clicked ones would come first.
    for await (const window of ended('labels', watermarkMs - lengthMs)) {
      for (const version of versions) {
        const evaluatedAuc = (await this.#baseline(model, version))?.evaluatedAuc;
        const { thresholds } = task;
        const readings = await judgeLabels(pool, model, version, window, evaluatedAuc, {
          thresholds,
          windowMs: lengthMs,
        });
        await recordReadings(pool, { model, version, ...window, readings }, nowMs());
      }
    }
  }

  /** Windows with rows in them that ended and were not judged, oldest first. Each counts as judged when the next is asked for. */
  async *#endedWindows(model: string, kind: string, lengthMs: number, untilMs: number): AsyncGenerator<EventWindow> {
    const { pool } = this.#options;
    for (;;) {
      const { rows } = await pool.query<{ first_ms: number | null }>(
        `SELECT min(opened_ms) AS first_ms FROM feedback.predictions WHERE model = $1 AND opened_ms >= coalesce(
           (SELECT judged_until_ms FROM feedback.windows WHERE model = $1 AND kind = $2), 0)`,
        [model, kind],
      );
      const firstMs = rows[0]?.first_ms;
      if (firstMs == null) return;
      const startMs = Math.floor(firstMs / lengthMs) * lengthMs;
      const endMs = startMs + lengthMs;
      if (endMs > untilMs) return;
      yield { startMs, endMs };
      await pool.query(
        `INSERT INTO feedback.windows (model, kind, judged_until_ms) VALUES ($1, $2, $3)
         ON CONFLICT (model, kind) DO UPDATE SET judged_until_ms = excluded.judged_until_ms`,
        [model, kind, endMs],
      );
    }
  }

  async #clock(model: string): Promise<EventClock | undefined> {
    const { rows } = await this.#options.pool.query<{ newest_ms: number }>(
      'SELECT newest_ms FROM feedback.totals WHERE model = $1',
      [model],
    );
    const newestMs = rows[0]?.newest_ms;
    if (newestMs === undefined) return undefined;
    const known = this.#clocks.get(model);
    if (known !== undefined && known.newestMs >= newestMs) return known;
    const clock = { newestMs, seenAtMs: this.#options.nowMs() };
    this.#clocks.set(model, clock);
    return clock;
  }

  async #baseline(model: string, version: number): Promise<Baseline | undefined> {
    const key = `${model}/${version}`;
    const known = this.#baselines.get(key);
    if (known !== undefined) return known;
    const baseline = await loadBaseline(this.#options, model, version);
    if (baseline !== undefined) this.#baselines.set(key, baseline);
    return baseline;
  }
}
