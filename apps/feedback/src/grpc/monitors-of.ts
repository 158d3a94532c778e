import type { Pool } from 'pg';
import type { feedback } from '@adstocrat/schemas';
import { type Clock, InvalidRequest, NotFound } from '@adstocrat/service-kit';
import { nameProblem } from '../facts/checked.ts';
import { countsOf } from '../store/counts.ts';
import type { Tasks } from '../tasks.ts';
import { streamsOf, watermarkOf } from '../watermark/progress.ts';
import { openAlerts } from './watch-alerts.ts';

/** What is said of a model: its counts, its newest readings, and how far everything has been read. */
export class Monitors {
  readonly #pool: Pool;
  readonly #tasks: Tasks;
  readonly #clock: Clock;

  constructor(pool: Pool, tasks: Tasks, clock: Clock) {
    this.#pool = pool;
    this.#tasks = tasks;
    this.#clock = clock;
  }

  /** Throws {@link InvalidRequest} for what is no name, {@link NotFound} where nothing was ever predicted by it. */
  async of(model: string): Promise<feedback.GetMonitorsResponse> {
    const problem = nameProblem(model);
    if (problem !== undefined) throw new InvalidRequest(`model ${problem}`);
    const counts = await countsOf(this.#pool, model);
    const predictions = counts.get('predictions');
    if (predictions === undefined) throw new NotFound(`nothing was predicted by "${model}" yet`);
    const count = (name: string): number => counts.get(name) ?? 0;
    const rule = (await this.#tasks.all()).get(model)?.rule;
    const { untilMs, streams } = await watermarkOf(this.#pool, this.#clock, streamsOf(rule?.opens ?? 'prediction'));
    const ofAll = await countsOf(this.#pool, '');
    const ended = ['labelled', 'unshown', 'repeated', 'refused', 'without_task'].map(count);
    return {
      predictions,
      labelled: count('labelled'),
      clicks: count('clicks'),
      waiting: Math.max(0, predictions - ended.reduce((sum, one) => sum + one, 0)),
      readings: await this.#readings(model),
      openAlerts: await openAlerts(this.#pool, model),
      watermarkMs: untilMs,
      streams: streams.map(({ topic, partition, readUntilMs }) => ({ topic, partition, readUntilMs })),
      counts: [...counts, ...ofAll]
        .filter(([name]) => !['predictions', 'labelled', 'clicks'].includes(name))
        .map(([name, number]) => ({ name, count: number }))
        .sort((a, b) => a.name.localeCompare(b.name)),
    };
  }

  async #readings(model: string): Promise<feedback.MonitorReading[]> {
    const { rows } = await this.#pool.query<{
      monitor: string;
      subject: string;
      version: number;
      value: number;
      threshold: number;
      rows: number;
      start_ms: number;
      end_ms: number;
    }>('SELECT * FROM feedback.readings WHERE model = $1 ORDER BY version, monitor, subject', [model]);
    return rows.map(({ monitor, subject, version, value, threshold, rows: judged, start_ms, end_ms }) => ({
      monitor,
      subject,
      version,
      value,
      threshold,
      rows: judged,
      windowStartMs: start_ms,
      windowEndMs: end_ms,
    }));
  }
}
