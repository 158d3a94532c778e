import { createHash } from 'node:crypto';
import { digestOf } from '@adstocrat/artifact-folders';
import {
  ArtifactNotFound,
  type ArtifactStore,
  createJson,
  joinUri,
  pathBelow,
  readBytes,
  readJson,
} from '@adstocrat/artifact-store';
import { CheckpointPace, type PaceOptions } from './checkpoint-pace.ts';
import { type Part, partBytes, readPart } from './part.ts';
import type { Recalled, RunMemory, Snapshot } from './snapshot.ts';

/** Checkpoints of a run that are there at once: the newest, and the one before in case the newest is damaged. */
const kept = 2;

interface KeptPart {
  /** Below the run's folder. */
  readonly path: string;
  readonly revision: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** `<attempt>/<sequence>.json`, written last: a checkpoint without it does not exist. */
interface Checkpoint {
  readonly version: 1;
  readonly about: string;
  readonly facts: Snapshot['facts'];
  readonly parts: Readonly<Record<string, KeptPart>>;
  /** sha256 hex over the canonical JSON of all other fields. */
  readonly digest: string;
}

export interface CheckpointsOptions extends PaceOptions {
  readonly store: ArtifactStore;
  /** The run's folder: all its attempts write below it, each in a folder of its own. */
  readonly uri: string;
  readonly attempt: number;
  /** Told once a checkpoint is there. */
  readonly onKept: () => Promise<void>;
  /** Told in a sentence what goes wrong, and what is done instead. */
  readonly onWarning: (sentence: string, error?: unknown) => void;
}

/**
 * {@link RunMemory} in the artifact store, so that any process goes on. Each file is written once, whole or not at all; a part that has
 * not changed is named by the next checkpoint too. Of a run's checkpoints the last {@link kept} are there.
 */
export class Checkpoints implements RunMemory {
  readonly #options: CheckpointsOptions;
  readonly #pace: CheckpointPace;
  #sequence = 0;
  #parts: Readonly<Record<string, KeptPart>> = {};
  /** Manifests whose files stay, by path, the newest first. */
  #written: readonly (readonly [path: string, checkpoint: Checkpoint])[] = [];

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#pace = new CheckpointPace(options);
  }

  async recall(about: string): Promise<Recalled | undefined> {
    const { onWarning } = this.#options;
    const manifests = (await this.#paths()).flatMap((path) => {
      const match = /^(\d+)\/(\d+)\.json$/.exec(path);
      return match === null ? [] : [{ path, attempt: Number(match[1]), sequence: Number(match[2]) }];
    });
    manifests.sort((a, b) => b.sequence - a.sequence || b.attempt - a.attempt);
    this.#sequence = manifests[0]?.sequence ?? 0;
    for (const { path } of manifests) {
      try {
        const checkpoint = await this.#read(path);
        if (checkpoint.about !== about) continue;
        const parts = new Map<string, Part>();
        for (const [name, part] of Object.entries(checkpoint.parts)) parts.set(name, await this.#readPart(part));
        this.#parts = checkpoint.parts;
        this.#written = [[path, checkpoint]];
        return { facts: checkpoint.facts, parts };
      } catch (error) {
        onWarning(`the checkpoint ${joinUri(this.#options.uri, path)} is damaged: the one before it is taken`, error);
      }
    }
    return undefined;
  }

  async keep(snapshot: () => Snapshot, milestone: boolean): Promise<void> {
    if (!this.#pace.isDue(milestone)) return;
    const { uri, onKept, onWarning } = this.#options;
    try {
      await this.#pace.measure(() => this.#write(snapshot()));
      await onKept();
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
      const reason = full ? 'the disk is full: free space there' : (error as Error).message;
      onWarning(
        `no checkpoint can be written to ${uri}: ${reason}. Training goes on without, a kill costs more`,
        error,
      );
      // Parts that were written before it failed are no checkpoint's: each one that fails would take room from a disk that has little.
      await this.#prune().catch(() => undefined);
    }
  }

  async #write({ about, facts, parts }: Snapshot): Promise<void> {
    this.#sequence += 1;
    const at = `${this.#options.attempt}/${this.#sequence}`;
    const written: Record<string, KeptPart> = {};
    for (const [name, { revision, make }] of parts) {
      const before = this.#parts[name];
      written[name] =
        before?.revision === revision
          ? before
          : { path: `${at}-${name}.part`, revision, ...(await this.#writePart(`${at}-${name}.part`, make())) };
    }
    const undigested = { version: 1 as const, about, facts, parts: written };
    const checkpoint = { ...undigested, digest: digestOf(undigested) };
    await createJson(this.#options.store, joinUri(this.#options.uri, `${at}.json`), checkpoint);
    this.#parts = written;
    this.#written = [[`${at}.json`, checkpoint] as const, ...this.#written].slice(0, kept);
    await this.#prune();
  }

  async #writePart(path: string, part: Part): Promise<Pick<KeptPart, 'sha256' | 'bytes'>> {
    const hash = createHash('sha256');
    let bytes = 0;
    const hashed = function* (): Generator<Uint8Array> {
      for (const chunk of partBytes(part)) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    await this.#options.store.create(joinUri(this.#options.uri, path), hashed());
    return { sha256: hash.digest('hex'), bytes };
  }

  /** Removes what no checkpoint that stays names. A later attempt's files are its own: it may have the run by now. */
  async #prune(): Promise<void> {
    const { store, uri, attempt } = this.#options;
    const stays = new Set(
      this.#written.flatMap(([path, { parts }]) => [path, ...Object.values(parts).map((part) => part.path)]),
    );
    for (const path of await this.#paths())
      if (!stays.has(path) && Number.parseInt(path, 10) <= attempt) await store.remove(joinUri(uri, path));
  }

  /** Of all files below the run's folder. */
  async #paths(): Promise<readonly string[]> {
    const { store, uri } = this.#options;
    try {
      return (await Array.fromAsync(store.list(`${uri}/`))).map((info) => pathBelow(uri, info.uri));
    } catch (error) {
      if (error instanceof ArtifactNotFound) return [];
      throw error;
    }
  }

  async #read(path: string): Promise<Checkpoint> {
    const { digest, ...rest } = await readJson<Checkpoint>(this.#options.store, joinUri(this.#options.uri, path));
    if (digestOf(rest) !== digest) throw new Error('its digest is another');
    return { ...rest, digest };
  }

  async #readPart({ path, sha256, bytes }: KeptPart): Promise<Part> {
    const found = await readBytes(this.#options.store, joinUri(this.#options.uri, path), { maxBytes: bytes });
    if (createHash('sha256').update(found).digest('hex') !== sha256) throw new Error(`${path} has another digest`);
    return readPart(found);
  }
}
