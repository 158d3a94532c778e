import { setTimeout as sleep } from 'node:timers/promises';
import type { PersonalKeys, Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { LoadingThread } from '../loading/loading-thread.ts';
import type { ModelSource } from '../model-source.ts';
import type { ModelTable } from '../model-table.ts';
import { VersionLoader } from '../version-loader.ts';
import type { FolderModel } from './folder-model.ts';
import { FollowedModel, type FollowingParts } from './followed-model.ts';
import type { FoundVersion } from './found-versions.ts';
import type { Look, ModelPlaces, Sighting } from './model-places.ts';
import { SaidOnce } from './said-once.ts';
import { SoughtModels } from './sought-models.ts';

/** Wall milliseconds that a start waits for the first models beyond the two looks that they need: then it goes on without them. */
const firstLoadsMs = 10_000;

/** Models that are gone whose states are told: the last ones. */
const goneKept = 64;

/**
 * Follows the versions in folders as TensorFlow Serving does: it looks again and again, loads what the policies choose, and unloads what is
 * gone. A version is loaded once two looks found the same of it, from a copy of its own: what is still being copied is not loaded, and what
 * happens to its files later disturbs nobody.
 */
export class FolderModels implements Resource, ModelSource {
  readonly name = 'model folders';
  readonly #places: ModelPlaces;
  readonly #models: ModelTable;
  readonly #parts: FollowingParts;
  readonly #pollMs: number;
  readonly #logger: Logger;
  readonly #said: SaidOnce;
  readonly #followed = new Map<string, FollowedModel>();
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
    this.#pollMs = options.pollMs;
    this.#logger = options.logger;
    this.#said = new SaidOnce(options.logger);
    this.#parts = {
      ...options,
      loader: new VersionLoader(options),
      said: this.#said,
      stopped: () => this.#stopped,
    };
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
    // It may be forgotten once its folder is gone, and come back.
    this.#keptOut.add(name);
    await followed.withdraw();
    this.#logger.info({ model: name }, 'model withdrawn');
    return true;
  }

  async restore(name: string): Promise<boolean> {
    this.#parts.loader.failures.forget(name);
    this.#keptOut.delete(name);
    this.#followed.get(name)?.restore();
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

  #isGone(name: string, followed: FollowedModel): void {
    followed.vanished();
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
    const { name } = model;
    if (!this.#models.claim(name, 'folder')) {
      this.#said.one(
        `claimed ${name}`,
        { model: name },
        'a model of a folder is left out: the registry has one of that name',
      );
      return;
    }
    let followed = this.#followed.get(name);
    if (followed === undefined) {
      if (this.#sought.isUnloaded(name)) this.#keptOut.add(name);
      followed = new FollowedModel(this.#parts, model, this.#keptOut.has(name));
      this.#followed.set(name, followed);
    }
    followed.seen(model, found);
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
