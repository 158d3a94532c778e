import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactInfo } from '@adstocrat/artifact-store';

/** How much is held, and for how long: wall milliseconds. */
export interface HeldFilesLimits {
  readonly maxBytes: number;
  readonly keepMs: number;
}

/**
 * Files that were downloaded to be looked at, held for a while for whoever takes the same objects in: `run` asks for a task first and
 * for the span a moment later. Each is taken once, and only in the generation that was downloaded.
 */
export class HeldFiles {
  readonly #folder: string;
  readonly #limits: HeldFilesLimits;

  constructor(workDir: string, limits: HeldFilesLimits = { maxBytes: 64 * 2 ** 30, keepMs: 600_000 }) {
    this.#folder = join(workDir, 'held');
    this.#limits = limits;
  }

  /** Holds the content of a local file: its own folder may be removed. Does nothing where that is more than is held. */
  hold(object: ArtifactInfo, path: string): void {
    mkdirSync(this.#folder, { recursive: true });
    if (this.#bytesHeld() + object.bytes > this.#limits.maxBytes) return;
    const held = this.#pathOf(object);
    rmSync(held, { force: true });
    linkSync(path, held);
  }

  /** Moves an object's content to a path. False where it is not held. */
  take(object: ArtifactInfo, path: string): boolean {
    const held = this.#pathOf(object);
    if (statSync(held, { throwIfNoEntry: false })?.size !== object.bytes) return false;
    renameSync(held, path);
    return true;
  }

  /** Whatever is held goes. */
  drop(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Of what nobody came for in time nothing is left. */
  #bytesHeld(): number {
    let bytes = 0;
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      const facts = statSync(path, { throwIfNoEntry: false });
      // A link counts as changed when it is made.
      if (facts !== undefined && Date.now() - facts.ctimeMs > this.#limits.keepMs) rmSync(path, { force: true });
      else bytes += facts?.size ?? 0;
    }
    return bytes;
  }

  #pathOf({ uri, generation }: ArtifactInfo): string {
    return join(this.#folder, createHash('sha256').update(`${uri}\0${generation}`).digest('hex'));
  }
}
