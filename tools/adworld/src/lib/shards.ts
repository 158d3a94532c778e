import { join } from 'node:path';
import { TextFile } from './text-file.ts';
import { hourMs, type WorldSettings } from './world-options.ts';

const leastShardsAMonth = 4;
const mostRowsAShard = 500_000;

/**
 * The impressions' files: `impressions/month=2026-01/part-000.csv`, four or more a month, each a stretch of time;
 * every other one is compressed, `part-001.csv.gz`. A stretch without rows has no file.
 */
export class Shards {
  readonly #settings: WorldSettings;
  readonly #out: string;
  readonly #header: string;
  readonly #aMonth: number;
  readonly #paths: string[] = [];
  #open: TextFile | undefined;

  constructor(settings: WorldSettings, rows: number, out: string, header: string) {
    this.#settings = settings;
    this.#out = out;
    this.#header = header;
    this.#aMonth = Math.max(leastShardsAMonth, Math.ceil(rows / settings.months / mostRowsAShard));
  }

  get paths(): readonly string[] {
    return this.#paths;
  }

  /** Appends lines of one hour of the history; hours must not go back. */
  async write(hour: number, lines: string): Promise<void> {
    if (lines === '') return;
    const path = this.#path(hour);
    if (path !== this.#paths.at(-1)) {
      await this.#open?.close();
      this.#paths.push(path);
      this.#open = await TextFile.create(join(this.#out, path));
      await this.#open.write(this.#header);
    }
    await this.#open!.write(lines);
  }

  async close(): Promise<void> {
    await this.#open?.close();
  }

  destroy(): void {
    this.#open?.destroy();
  }

  #path(hour: number): string {
    const { startMs, monthStartsMs } = this.#settings;
    const timeMs = startMs + hour * hourMs;
    const month = monthStartsMs.findLastIndex((startsMs) => startsMs <= timeMs);
    const share = (timeMs - monthStartsMs[month]!) / (monthStartsMs[month + 1]! - monthStartsMs[month]!);
    const part = Math.floor(share * this.#aMonth);
    const name = new Date(monthStartsMs[month]!).toISOString().slice(0, 7);
    return `impressions/month=${name}/part-${String(part).padStart(3, '0')}.csv${part % 2 === 1 ? '.gz' : ''}`;
  }
}
