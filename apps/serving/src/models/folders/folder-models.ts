import { setTimeout as sleep } from 'node:timers/promises';
import { chosenVersions, type VersionsWanted } from '@adstocrat/servables';
import type { PersonalKeys, Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { bringAbout } from '../bring-about.ts';
import type { WantedVersion } from '../fetch-servable.ts';
import type { LoadingThread } from '../loading/loading-thread.ts';
import { openBrought } from '../loading/open-brought.ts';
import type { ModelSource } from '../model-source.ts';
import type { ModelTable } from '../model-table.ts';
import { Unloadable, Unwanted, VersionLoader } from '../version-loader.ts';
import type { FolderModel } from './folder-model.ts';
import type { FoundVersion } from './found-versions.ts';
import type { Look, ModelPlaces, Sighting } from './model-places.ts';
import { SaidOnce } from './said-once.ts';
import { SoughtModels } from './sought-models.ts';

/** Wall milliseconds that a start waits for the first models beyond the two looks that they need: then it goes on without them. */
const firstLoadsMs = 10_000;

/** A model that is followed. */
interface Followed {
  model: FolderModel;
  /** As listed last. */
  found: ReadonlyMap<number, FoundVersion>;
  wanted: VersionsWanted;
  /** Versions that were loaded, as they were listed then. */
  readonly loaded: Map<number, FoundVersion>;
  withdrawn: boolean;
  /** Aborts when it is withdrawn: loads that wait for the thread are given up. */
  unwanted: AbortController;
  /** Versions whose folders are there, as they were left last; absent before that. */
  kept?: readonly WantedVersion[];
  /** The removal of all folders but those, until it is done. */
  removal?: Promise<void>;
  work?: Promise<void>;
}

/** Models that are gone whose states are told: the last ones. */
const goneKept = 64;

const nothing: VersionsWanted = { versions: [], labels: {} };

/**
 * Follows the versions in folders as TensorFlow Serving does: it looks again and again, loads what the policies choose, and unloads what is
 * gone. A version is loaded once two looks found the same of it, from a copy of its own: what is still being copied is not loaded, and what
 * happens to its files later disturbs nobody.
 */
export class FolderModels implements Resource, ModelSource {
  readonly name = 'model folders';
  readonly #places: ModelPlaces;
  readonly #models: ModelTable;
  readonly #workDir: string;
  readonly #thread: LoadingThread;
  readonly #neighbours: () => readonly string[];
  readonly #personalKeys: PersonalKeys;
  readonly #pollMs: number;
  readonly #logger: Logger;
  readonly #loader: VersionLoader;
  readonly #said: SaidOnce;
  readonly #followed = new Map<string, Followed>();
  /** Models that are not put into service when they are first seen. */
  readonly #keptOut = new Set<string>();
  readonly #sought = new SoughtModels();
  /** Models whose folders are gone, those that went first first. */
  readonly #gone = new Set<string>();
  #looking: Promise<Look> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #known = false;

  constructor(options: {
    readonly places: ModelPlaces;
    readonly models: ModelTable;
    readonly workDir: string;
    readonly thread: LoadingThread;
    readonly neighbours: () => readonly string[];
    readonly personalKeys: PersonalKeys;
    /** Wall milliseconds between two looks. */
    readonly pollMs: number;
    readonly logger: Logger;
  }) {
    this.#places = options.places;
    this.#models = options.models;
    this.#workDir = options.workDir;
    this.#thread = options.thread;
    this.#neighbours = options.neighbours;
    this.#personalKeys = options.personalKeys;
    this.#pollMs = options.pollMs;
    this.#logger = options.logger;
    this.#loader = new VersionLoader(options);
    this.#said = new SaidOnce(options.logger);
  }

  /** Whether it is known what lies in the folders, and it has been tried to load it. */
  get known(): boolean {
    return this.#known;
  }

  async start(): Promise<void> {
    const first = this.settle().then((look) => {
      this.#known = look.unread.size === 0;
    });
    const late = new AbortController();
    // A place that hangs, or a model that takes long, must not keep this server from answering for others.
    await Promise.race([first, sleep(this.#pollMs + firstLoadsMs, undefined, { signal: late.signal })]);
    late.abort();
    this.#next();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** Looks twice, so that what is there counts as copied, and waits until it has been tried to load it. */
  async settle(): Promise<Look> {
    await this.#lookOnceMore();
    await sleep(this.#pollMs);
    return this.follow();
  }

  /** Looks, and waits until what was found is brought about. */
  async follow(): Promise<Look> {
    const look = await this.#lookOnceMore();
    await Promise.all(Array.from(this.#followed.values(), ({ work }) => work));
    return look;
  }

  keepOut(models: readonly string[]): void {
    for (const model of models) this.#keptOut.add(model);
  }

  async withdraw(name: string): Promise<boolean> {
    const followed = this.#followed.get(name);
    if (followed === undefined) {
      this.#sought.unload(name);
      return false;
    }
    followed.withdrawn = true;
    // It may be forgotten once its folder is gone, and come back.
    this.#keptOut.add(name);
    // What goes on there for nobody leaves files; a removal that waits already comes behind it.
    if (this.#thread.isBringing(name) && followed.removal === undefined) delete followed.kept;
    followed.unwanted.abort(new Unwanted());
    await followed.work;
    this.#begin(name, followed);
    await followed.work;
    this.#logger.info({ model: name }, 'model withdrawn');
    return true;
  }

  async restore(name: string): Promise<boolean> {
    const followed = this.#followed.get(name);
    this.#loader.failures.forget(name);
    this.#keptOut.delete(name);
    if (followed !== undefined) {
      followed.withdrawn = false;
      // A load that is under way has the one before.
      if (followed.unwanted.signal.aborted) followed.unwanted = new AbortController();
      this.#begin(name, followed);
    }
    // As `settle` does, but for others' models, whose loads may take long.
    await this.#sought.during(name, async () => {
      await this.#lookOnceMore();
      await sleep(this.#pollMs);
      await this.#lookOnceMore();
    });
    await this.#followed.get(name)?.work;
    return this.#followed.has(name) && this.#models.get(name)?.routing !== undefined;
  }

  #next(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look().finally(() => this.#next()), this.#pollMs);
  }

  /** One that began before has perhaps not seen what is asked for. */
  async #lookOnceMore(): Promise<Look> {
    await this.#looking;
    return this.#look();
  }

  /** One look at a time: whoever asks while there is one shares it. */
  #look(): Promise<Look> {
    this.#looking ??= this.#lookNow().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #lookNow(): Promise<Look> {
    const look = await this.#places.look();
    const { models, unread, leftOut } = look;
    this.#said.of('unread', unread, 'models cannot be looked for: those in service stay');
    this.#said.of('left-out', leftOut, 'left out of the models');
    for (const sighting of models.values())
      if ('found' in sighting) this.#seen(sighting.model, sighting.found.versions);
    const failures = new Map(
      Array.from(models).flatMap(([name, one]) => ('failure' in one ? [[name, one.failure] as const] : [])),
    );
    this.#said.of('unknown', failures, 'a model cannot be looked at: its versions in service stay');
    this.#said.of('absent', absentVersions(models.values()), 'a version that is configured is not there');
    for (const [name, followed] of this.#followed) {
      if (models.has(name)) this.#gone.delete(name);
      else if (!unread.has(followed.model.base)) this.#isGone(name, followed);
    }
    this.#known ||= unread.size === 0 && this.#isTried();
    return look;
  }

  #isGone(name: string, followed: Followed): void {
    this.#seen({ ...followed.model, labels: {} }, new Map());
    this.#gone.add(name);
    if (this.#gone.size <= goneKept) return;
    const isOver = (one: string): boolean =>
      this.#models
        .open(one)
        .states()
        .every(({ state }) => state === 'end');
    const oldest = [...this.#gone].find(isOver);
    if (oldest === undefined) return;
    this.#gone.delete(oldest);
    this.#followed.delete(oldest);
    this.#models.forget(oldest);
  }

  /** Whether nothing is left to be loaded for the first time. */
  #isTried(): boolean {
    return [...this.#followed.values()].every(({ work }) => work === undefined);
  }

  #seen(model: FolderModel, found: ReadonlyMap<number, FoundVersion>): void {
    const { name, policy, labels } = model;
    if (!this.#models.claim(name, 'folder')) {
      this.#said.one(
        `claimed ${name}`,
        { model: name },
        'a model of a folder is left out: the registry has one of that name',
      );
      return;
    }
    const served = this.#models.open(name);
    let followed = this.#followed.get(name);
    if (followed === undefined && this.#sought.isUnloaded(name)) this.#keptOut.add(name);
    if (followed === undefined)
      this.#followed.set(
        name,
        (followed = {
          model,
          found: new Map(),
          wanted: nothing,
          loaded: new Map(),
          withdrawn: this.#keptOut.has(name),
          unwanted: new AbortController(),
        }),
      );
    const before = followed.found;
    const isWhole = ({ version, digest }: FoundVersion): boolean =>
      served.isAvailable(version) || before.get(version)?.digest === digest;
    const whole = [...found.values()].filter(isWhole).map(({ version }) => version);
    this.#sayChanged(name, followed, found);
    followed.model = model;
    followed.found = found;
    followed.wanted = { versions: chosenVersions(whole, policy, labels), labels };
    this.#begin(name, followed);
  }

  /** Work that is under way takes what is wanted now. */
  #begin(name: string, followed: Followed): void {
    followed.work ??= this.#work(name, followed)
      .catch((error: unknown) =>
        this.#logger.error({ err: error, model: name }, 'versions of a model are as they were'),
      )
      .finally(() => delete followed.work);
  }

  /** A version is one content: what is put in its place later is not read. */
  #sayChanged(name: string, { loaded }: Followed, found: ReadonlyMap<number, FoundVersion>): void {
    for (const { version, digest } of found.values()) {
      const before = loaded.get(version)?.digest;
      if (before === undefined || before === digest || !this.#models.open(name).isAvailable(version)) continue;
      const key = `changed ${name} ${version} ${digest}`;
      this.#said.one(
        key,
        { model: name, version },
        'files of a version in service changed, and are not read: give them another number',
      );
    }
  }

  async #work(name: string, followed: Followed): Promise<void> {
    const served = this.#models.open(name);
    await bringAbout(served, {
      wanted: () => (this.#stopped || followed.withdrawn ? nothing : followed.wanted),
      isHeldBack: (version) =>
        this.#loader.failures.holdsBack(name, wantedVersion(followed.found.get(version), version)),
      load: (version) => this.#load(name, followed, version),
    });
    const available = served.states().filter(({ state }) => state === 'available');
    const kept = available.map(({ version }) => wantedVersion(followed.loaded.get(version), version));
    if (followed.kept !== undefined && sameVersions(followed.kept, kept)) return;
    followed.kept = kept;
    // Not waited for: the thread may be at another model's version. It does this before it brings more of this one.
    const removal = this.#thread
      .keepOnly(this.#workDir, name, kept)
      .catch((error: unknown) => {
        delete followed.kept;
        this.#logger.error({ err: error, model: name }, 'files of versions that are not served are left');
      })
      .finally(() => {
        if (followed.removal === removal) delete followed.removal;
      });
    followed.removal = removal;
  }

  async #load(name: string, followed: Followed, version: number): Promise<void> {
    const found = followed.found.get(version);
    const wanted = wantedVersion(found, version);
    const { base } = followed.model;
    await this.#loader.load(this.#models.open(name), wanted, async () => {
      if (found === undefined) throw new Unloadable('its folder is gone');
      if (found.problem !== undefined) throw new Unloadable(found.problem);
      const places = { workDir: this.#workDir, neighbours: this.#neighbours() };
      const brought = await this.#thread.bring(
        { model: name, wanted, places, from: { base, found } },
        followed.unwanted.signal,
      );
      const loaded = await openBrought(brought, this.#personalKeys, (error, pauseMs) => {
        this.#logger.error({ err: error, model: name, version, pauseMs }, 'the thread of a model ended');
      });
      followed.loaded.set(version, found);
      return loaded;
    });
  }
}

/** Of each model the versions that its policy or a label names and that do not lie there. */
function absentVersions(sightings: Iterable<Sighting>): ReadonlyMap<string, string> {
  const absent = new Map<string, string>();
  for (const sighting of sightings) {
    if (!('found' in sighting)) continue;
    const { name, policy, labels } = sighting.model;
    const named = [...(policy.kind === 'specific' ? policy.versions : []), ...Object.values(labels)];
    const missing = new Set(named.filter((version) => !sighting.found.versions.has(version)));
    if (missing.size > 0) absent.set(name, `version ${[...missing].join(', ')}`);
  }
  return absent;
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
