import type { PersonalKeys } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { chosenVersions, type VersionsWanted } from '@adstocrat/servables';
import { bringAbout } from '../bring-about.ts';
import type { WantedVersion } from '../fetch-servable.ts';
import type { LoadingThread } from '../loading/loading-thread.ts';
import { openBrought } from '../loading/open-brought.ts';
import type { ModelTable } from '../model-table.ts';
import { Unloadable, Unwanted, type VersionLoader } from '../version-loader.ts';
import type { FolderModel } from './folder-model.ts';
import type { FoundVersion } from './found-versions.ts';
import type { SaidOnce } from './said-once.ts';

/** What all models that are followed share. */
export interface FollowingParts {
  readonly models: ModelTable;
  readonly workDir: string;
  readonly thread: LoadingThread;
  readonly neighbours: () => readonly string[];
  readonly personalKeys: PersonalKeys;
  readonly loader: VersionLoader;
  readonly said: SaidOnce;
  /** Whether the server stops: nothing is wanted from then on. */
  readonly stopped: () => boolean;
  readonly logger: Logger;
}

const nothing: VersionsWanted = { versions: [], labels: {} };

/** Follows the versions of one model: it loads what the policy chooses of what was found, and unloads what is gone. */
export class FollowedModel {
  readonly #parts: FollowingParts;
  #model: FolderModel;
  /** As listed last. */
  #found: ReadonlyMap<number, FoundVersion> = new Map();
  #wanted = nothing;
  /** Versions that were loaded, as they were listed then. */
  readonly #loaded = new Map<number, FoundVersion>();
  #withdrawn: boolean;
  /** Aborts when it is withdrawn: loads that wait for the thread are given up. */
  #unwanted = new AbortController();
  /** Versions whose folders are there, as they were left last; undefined before that. */
  #kept: readonly WantedVersion[] | undefined;
  /** The removal of all folders but those, until it is done. */
  #removal: Promise<void> | undefined;
  #work: Promise<void> | undefined;

  /** `withdrawn`: nothing of it is put into service until it is restored. */
  constructor(parts: FollowingParts, model: FolderModel, withdrawn: boolean) {
    this.#parts = parts;
    this.#model = model;
    this.#withdrawn = withdrawn;
  }

  get model(): FolderModel {
    return this.#model;
  }

  /** Ends once what is wanted is brought about; undefined where it is. */
  get work(): Promise<void> | undefined {
    return this.#work;
  }

  /** What two looks found the same of counts as copied. */
  seen(model: FolderModel, found: ReadonlyMap<number, FoundVersion>): void {
    const { name, policy, labels } = model;
    const served = this.#parts.models.open(name);
    const before = this.#found;
    const isWhole = ({ version, digest }: FoundVersion): boolean =>
      served.isAvailable(version) || before.get(version)?.digest === digest;
    const whole = [...found.values()].filter(isWhole).map(({ version }) => version);
    this.#model = model;
    this.#sayChanged(found);
    this.#found = found;
    this.#wanted = { versions: chosenVersions(whole, policy, labels), labels };
    this.#begin();
  }

  /** It is gone. */
  vanished(): void {
    this.seen({ ...this.#model, labels: {} }, new Map());
  }

  /** Resolves once nothing of it is served. */
  async withdraw(): Promise<void> {
    this.#withdrawn = true;
    // What goes on there for nobody leaves files; a removal that waits already comes behind it.
    if (this.#parts.thread.isBringing(this.#model.name) && this.#removal === undefined) this.#kept = undefined;
    this.#unwanted.abort(new Unwanted());
    await this.#work;
    this.#begin();
    await this.#work;
  }

  restore(): void {
    this.#withdrawn = false;
    // A load that is under way has the one before.
    if (this.#unwanted.signal.aborted) this.#unwanted = new AbortController();
    this.#begin();
  }

  /** Work that is under way takes what is wanted now. */
  #begin(): void {
    const { logger } = this.#parts;
    const { name } = this.#model;
    this.#work ??= this.#bringAbout()
      .catch((error: unknown) => logger.error({ err: error, model: name }, 'versions of a model are as they were'))
      .finally(() => (this.#work = undefined));
  }

  /** A version is one content: what is put in its place later is not read. */
  #sayChanged(found: ReadonlyMap<number, FoundVersion>): void {
    const { models, said } = this.#parts;
    const { name } = this.#model;
    for (const { version, digest } of found.values()) {
      const before = this.#loaded.get(version)?.digest;
      if (before === undefined || before === digest || !models.open(name).isAvailable(version)) continue;
      const key = `changed ${name} ${version} ${digest}`;
      said.one(
        key,
        { model: name, version },
        'files of a version in service changed, and are not read: give them another number',
      );
    }
  }

  async #bringAbout(): Promise<void> {
    const { models, loader, stopped, thread, workDir, logger } = this.#parts;
    const { name } = this.#model;
    const served = models.open(name);
    await bringAbout(served, {
      wanted: () => (stopped() || this.#withdrawn ? nothing : this.#wanted),
      isHeldBack: (version) => loader.failures.holdsBack(name, wantedVersion(this.#found.get(version), version)),
      load: (version) => this.#load(version),
    });
    const available = served.states().filter(({ state }) => state === 'available');
    const kept = available.map(({ version }) => wantedVersion(this.#loaded.get(version), version));
    if (this.#kept !== undefined && sameVersions(this.#kept, kept)) return;
    this.#kept = kept;
    // Not waited for: the thread may be at another model's version. It does this before it brings more of this one.
    const removal = thread
      .keepOnly(workDir, name, kept)
      .catch((error: unknown) => {
        this.#kept = undefined;
        logger.error({ err: error, model: name }, 'files of versions that are not served are left');
      })
      .finally(() => {
        if (this.#removal === removal) this.#removal = undefined;
      });
    this.#removal = removal;
  }

  async #load(version: number): Promise<void> {
    const { models, loader, thread, workDir, neighbours, personalKeys, logger } = this.#parts;
    const { name, base } = this.#model;
    const found = this.#found.get(version);
    const wanted = wantedVersion(found, version);
    await loader.load(models.open(name), wanted, async () => {
      if (found === undefined) throw new Unloadable('its folder is gone');
      if (found.problem !== undefined) throw new Unloadable(found.problem);
      const places = { workDir, neighbours: neighbours() };
      const brought = await thread.bring({ model: name, wanted, places, from: { base, found } }, this.#unwanted.signal);
      const loaded = await openBrought(brought, personalKeys, (error, pauseMs) => {
        logger.error({ err: error, model: name, version, pauseMs }, 'the thread of a model ended');
      });
      this.#loaded.set(version, found);
      return loaded;
    });
  }
}

function sameVersions(one: readonly WantedVersion[], other: readonly WantedVersion[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ version, digest }, at) => version === other[at]?.version && digest === other[at].digest)
  );
}

function wantedVersion(found: FoundVersion | undefined, version: number): WantedVersion {
  return { version, uri: '', digest: found?.digest ?? '' };
}
