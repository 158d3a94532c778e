import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeploymentRecord } from '@adstocrat/metadata';
import type { VersionsWanted } from '@adstocrat/servables';
import type { PersonalKeys } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { bringAbout } from './bring-about.ts';
import type { WantedVersion } from './fetch-servable.ts';
import type { LoadingThread } from './loading/loading-thread.ts';
import { openBrought } from './loading/open-brought.ts';
import type { ModelSource } from './model-source.ts';
import type { ModelTable } from './model-table.ts';
import { Unwanted, VersionLoader } from './version-loader.ts';

const nothing: VersionsWanted = { versions: [], labels: {} };

/** What serving needs of a deployment. */
export type Deployment = Pick<DeploymentRecord, 'model' | 'revision' | 'versions' | 'labels' | 'split'>;

/**
 * Brings what is loaded in line with the deployments, a model at a time: loads first, then switches the routing, then
 * unloads. A version that does not load is told with its error, and the routing stays as it was. Only what a deployment
 * names is ever loaded.
 */
export class LoadedDeployments implements ModelSource {
  readonly #models: ModelTable;
  readonly #thread: LoadingThread;
  readonly #workDir: string;
  readonly #personalKeys: PersonalKeys;
  readonly #neighbours: () => readonly string[];
  readonly #logger: Logger;
  readonly #wanted = new Map<string, Deployment>();
  readonly #applied = new Map<string, Deployment>();
  readonly #working = new Map<string, Promise<void>>();
  /** Models that are kept out of service here, whatever is deployed. */
  readonly #withdrawn = new Set<string>();
  /** Of models of which a version is loaded: aborts when the model is withdrawn. */
  readonly #unwanted = new Map<string, AbortController>();
  readonly #loader: VersionLoader;
  #keeping: Promise<void> = Promise.resolve();
  /** Revisions whose contradiction was told, by model. */
  readonly #refused = new Map<string, number>();

  constructor(options: {
    readonly models: ModelTable;
    readonly thread: LoadingThread;
    readonly workDir: string;
    readonly personalKeys: PersonalKeys;
    /** Work folders of other processes on this machine, from which what they have need not be fetched again. */
    readonly neighbours: () => readonly string[];
    readonly logger: Logger;
  }) {
    this.#models = options.models;
    this.#thread = options.thread;
    this.#workDir = options.workDir;
    this.#personalKeys = options.personalKeys;
    this.#neighbours = options.neighbours;
    this.#logger = options.logger;
    this.#loader = new VersionLoader(options);
  }

  keepOut(models: readonly string[]): void {
    for (const model of models) this.#withdrawn.add(model);
  }

  /** The deployments that were in force when this folder, or one beside it, was last served from; none where none was. */
  kept(): readonly Deployment[] {
    const newest = new Map<string, Deployment>();
    for (const folder of [this.#workDir, ...this.#neighbours()])
      for (const one of keptIn(folder))
        if (one.revision > (newest.get(one.model)?.revision ?? 0)) newest.set(one.model, one);
    return [...newest.values()];
  }

  /** Resolves when the deployment, or a newer one, is in force or has failed. One older than what is known is dropped. */
  apply(deployment: Deployment): Promise<void> {
    const { model, revision } = deployment;
    if (!this.#models.claim(model, 'registry')) {
      this.#sayRefused(deployment, 'a folder of this server has a model of that name');
      return Promise.resolve();
    }
    if (revision > (this.#wanted.get(model)?.revision ?? 0)) this.#wanted.set(model, deployment);
    let work = this.#working.get(model);
    if (work === undefined) {
      work = this.#work(model).finally(() => this.#working.delete(model));
      this.#working.set(model, work);
    }
    return work;
  }

  /**
   * Takes a model out of this server until {@link restore} or the next start; calls in progress on it end. What is deployed meanwhile is
   * kept. False for a model that nothing was deployed of.
   */
  async withdraw(model: string): Promise<boolean> {
    if (!this.#wanted.has(model)) return false;
    this.#withdrawn.add(model);
    this.#unwanted.get(model)?.abort(new Unwanted());
    await this.#working.get(model);
    const served = this.#models.open(model);
    served.routing = undefined;
    for (const { version } of served.states()) await served.unload(version);
    this.#applied.delete(model);
    this.#logger.info({ model }, 'model withdrawn');
    return true;
  }

  /** Puts a model's deployment in force where it is not. False where nothing was deployed of it, or it cannot be loaded. */
  async restore(model: string): Promise<boolean> {
    // Also of one that is not known here yet: others of this server may have it.
    this.#withdrawn.delete(model);
    this.#loader.failures.forget(model);
    const wanted = this.#wanted.get(model);
    if (wanted === undefined) return false;
    await this.apply(wanted);
    return this.#models.get(model)?.routing !== undefined;
  }

  async #work(model: string): Promise<void> {
    for (;;) {
      const wanted = this.#wanted.get(model);
      if (this.#withdrawn.has(model)) return;
      if (wanted === undefined || wanted.revision <= (this.#applied.get(model)?.revision ?? 0)) return;
      // One that failed is tried again when it is next said.
      if (!(await this.#bringAbout(wanted)) && this.#wanted.get(model) === wanted) return;
      this.#applied.set(model, wanted);
    }
  }

  async #bringAbout(deployment: Deployment): Promise<boolean> {
    const { model: name, versions, labels, split, revision } = deployment;
    const model = this.#models.open(name);
    const wanted = { versions: versions.map(({ version }) => version), routing: { labels, split } };
    const ended = await bringAbout(model, {
      wanted: () => (this.#withdrawn.has(name) ? nothing : wanted),
      isHeldBack: (version) => this.#loader.failures.holdsBack(name, versionOf(deployment, version)),
      load: (version) => this.#load(name, versionOf(deployment, version)),
    });
    if (ended === 'stay') return false;
    if (ended !== 'done') {
      this.#sayRefused(deployment, ended.refused);
      return false;
    }
    if (this.#withdrawn.has(name)) return false;
    // First: what a start without a registry begins from must be there.
    await this.#keep(deployment);
    // Not waited for: the thread may be at another model's version. It does this before it brings more of this one.
    this.#thread.keepOnly(this.#workDir, name, versions).catch((error: unknown) => {
      this.#logger.error({ err: error, model: name }, 'files of versions that are not served are left');
    });
    this.#logger.info({ model: name, revision, labels, split }, 'deployment in force');
    return true;
  }

  /** Once for each revision: it is looked at again and again. */
  #sayRefused({ model, revision }: Deployment, reason: string): void {
    if (this.#refused.get(model) === revision) return;
    this.#refused.set(model, revision);
    this.#logger.error({ model, revision, reason }, 'deployment refused, the one in force stays');
  }

  async #load(name: string, wanted: WantedVersion): Promise<void> {
    const unwanted = new AbortController();
    this.#unwanted.set(name, unwanted);
    await this.#loader.load(this.#models.open(name), wanted, async () => {
      const places = { workDir: this.#workDir, neighbours: this.#neighbours() };
      const brought = await this.#thread.bring({ model: name, wanted, places }, unwanted.signal);
      return openBrought(brought, this.#personalKeys);
    });
    this.#unwanted.delete(name);
  }

  /** One after the other: the models' deployments are in one file. */
  #keep(deployment: Deployment): Promise<void> {
    const kept = this.#keeping.then(() => keep(this.#workDir, deployment));
    this.#keeping = kept.catch(() => undefined);
    return kept;
  }
}

async function keep(workDir: string, { model, revision, versions, labels, split }: Deployment): Promise<void> {
  const others = keptIn(workDir).filter((one) => one.model !== model);
  await mkdir(workDir, { recursive: true });
  const file = join(workDir, 'deployments.json');
  await writeFile(`${file}.part`, JSON.stringify([...others, { model, revision, versions, labels, split }]));
  await rename(`${file}.part`, file);
}

function keptIn(workDir: string): readonly Deployment[] {
  const file = join(workDir, 'deployments.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Deployment[]) : [];
}

/** A version that the deployment names. */
function versionOf({ versions }: Deployment, version: number): WantedVersion {
  return versions.find((one) => one.version === version) ?? { version, uri: '', digest: '' };
}
