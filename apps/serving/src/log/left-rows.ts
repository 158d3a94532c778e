import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EventBus, pause } from '@adstocrat/event-bus';
import { SegmentLog } from '@adstocrat/segment-log';
import { FolderInUse, FolderLock, type Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { RefusedRows } from './refused-rows.ts';
import { Relay } from './relay.ts';

/** Wall milliseconds between two looks, and for which a folder is held at most: a process that is to have it waits for so long. */
const [lookMs, turnMs] = [3000, 2000];

/**
 * Tells the bus the rows that processes beside this one left in their logs when they ended for good: replaced by one with another
 * work folder, or no longer wanted. Of several processes that look, the one that has the folder's lock tells them.
 */
export class LeftRows implements Resource {
  readonly name = 'left rows';
  readonly #options: {
    readonly neighbours: () => readonly string[];
    readonly maxBytes: number;
    readonly maxAgeMs: number;
    readonly bus: EventBus;
    readonly logger: Logger;
  };
  readonly #stopping = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  /** Folders in which nothing waited, with who had them last. */
  readonly #empty = new Map<string, string>();

  constructor(options: {
    /** Work folders, those of running processes too. */
    readonly neighbours: () => readonly string[];
    readonly maxBytes: number;
    readonly maxAgeMs: number;
    readonly bus: EventBus;
    readonly logger: Logger;
  }) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#looking = this.#look();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    for (; !signal.aborted; await pause(lookMs, signal)) {
      for (const folder of this.#options.neighbours()) {
        if (signal.aborted) return;
        try {
          await this.#tellWhatIsLeft(folder);
        } catch (error) {
          this.#options.logger.error({ err: error, folder }, 'rows that a process left cannot be read');
        }
      }
    }
  }

  async #tellWhatIsLeft(workDir: string): Promise<void> {
    const folder = join(workDir, 'prediction-log');
    if (!existsSync(folder) || this.#empty.get(workDir) === holderOf(workDir) || FolderLock.isHeld(workDir)) return;
    const lock = takeOrLeave(workDir);
    if (lock === undefined) return;
    try {
      const { bus, logger, maxBytes, maxAgeMs } = this.#options;
      const log = await SegmentLog.open({ folder, maxBytes, maxAgeMs, whenFull: 'drop-oldest' });
      const relay = new Relay({ log, bus, refused: new RefusedRows(folder, logger), logger });
      relay.start();
      await relay.stop(turnMs, this.#stopping.signal);
      await log.close();
      if (relay.relayedRows > 0)
        logger.info({ rows: relay.relayedRows, workDir }, 'rows that a process left were told');
      if (log.state.waitingRecords === 0) this.#empty.set(workDir, holderOf(workDir));
    } finally {
      lock.release();
    }
  }
}

/** Undefined where a process took it in this moment. */
function takeOrLeave(workDir: string): FolderLock | undefined {
  try {
    return FolderLock.take(workDir);
  } catch (error) {
    if (error instanceof FolderInUse) return undefined;
    throw error;
  }
}

/** Each process that takes a folder writes another. */
function holderOf(workDir: string): string {
  const file = join(workDir, 'holder');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
