import { readFile } from 'node:fs/promises';
import { type ArtifactStore, readText } from '@adstocrat/artifact-store';
import type { VersionPolicy } from '@adstocrat/servables';
import { BadModelConfig, type FolderModel, isModelName, liesIn } from './folder-model.ts';
import { type FoundModel, foundModels, foundVersions, isAbsent } from './found-versions.ts';
import { modelsOfText, policyOfTriton } from './model-config-text.ts';
import { realPlace } from './real-place.ts';

/** A model and what was found of it, or why nothing is known of it now. */
export type Sighting =
  | { readonly model: FolderModel; readonly found: FoundModel }
  | { readonly model: FolderModel; readonly failure: string };

/** Everything that one look found. */
export interface Look {
  readonly models: ReadonlyMap<string, Sighting>;
  /** Places that could not be read: what was below them may still be there. */
  readonly unread: ReadonlyMap<string, string>;
  /** What is left out, by what it is. */
  readonly leftOut: ReadonlyMap<string, string>;
}

export interface ModelPlacesOptions {
  /** Places whose folders are models. */
  readonly roots: readonly string[];
  /** Path of a configuration file of TensorFlow Serving. */
  readonly configFile?: string;
  /** Where models may lie that a request names; absent: where the models are that the settings name. */
  readonly allowed?: readonly string[];
  /** Of models below {@link roots} that do not name their own. */
  readonly policy: VersionPolicy;
  readonly openStore: (uri: string) => Promise<ArtifactStore>;
}

/** The places that models lie in, and what is found there. */
export class ModelPlaces {
  readonly #options: ModelPlacesOptions;
  readonly #stores = new Map<string, Promise<ArtifactStore>>();
  readonly #policies = new Map<string, { readonly generation: string; readonly policy: VersionPolicy | undefined }>();
  #fileText: string | undefined;
  #configured: readonly FolderModel[] = [];
  /** What the file said last. */
  #ofFile: readonly FolderModel[] = [];

  constructor(options: ModelPlacesOptions) {
    this.#options = options;
  }

  /** The models of the configuration, of the file or of the last request. */
  get configured(): readonly FolderModel[] {
    return this.#configured;
  }

  /** Configures other models until the file changes. Throws {@link BadModelConfig} for one that lies where none may, or a link leads out. */
  async configure(models: readonly FolderModel[]): Promise<void> {
    const allowed = this.#options.allowed ?? [...this.#options.roots, ...this.#ofFile.map(({ base }) => base)];
    for (const { name, base } of models)
      if (!(await mayLie(base, allowed)))
        throw new BadModelConfig(
          `model ${name}: its base_path lies in none of the places that MODEL_ROOTS allows a request to name`,
        );
    this.#configured = models;
  }

  store(base: string): Promise<ArtifactStore> {
    const scheme = base.slice(0, base.indexOf(':'));
    let store = this.#stores.get(scheme);
    if (store === undefined) this.#stores.set(scheme, (store = this.#options.openStore(base)));
    return store;
  }

  async look(): Promise<Look> {
    const models = new Map<string, Sighting>();
    const unread = new Map<string, string>();
    const leftOut = new Map<string, string>();
    await this.#readFile(unread);
    for (const model of this.#configured) {
      try {
        models.set(model.name, { model, found: await foundVersions(await this.store(model.base), model.base) });
      } catch (error) {
        const failure = (error as Error).message;
        // A model that is not there stands in no other's way.
        if (!isAbsent(error)) unread.set(model.base, failure);
        models.set(model.name, { model, failure });
      }
    }
    for (const root of this.#options.roots) {
      try {
        const store = await this.store(root);
        for (const [name, found] of await foundModels(store, root, (what, why) => leftOut.set(`${root}/${what}`, why)))
          if (!isModelName(name)) leftOut.set(`${root}/${name}`, 'its name has control characters or is too long');
          else if (models.has(name)) {
            if (models.get(name)?.model.base !== `${root}/${encodeURIComponent(name)}`)
              leftOut.set(`${root}/${name}`, 'another place has a model of that name');
          } else models.set(name, await this.#ofRoot(store, root, name, found));
      } catch (error) {
        unread.set(root, (error as Error).message);
      }
    }
    return { models, unread, leftOut };
  }

  async #ofRoot(store: ArtifactStore, root: string, name: string, found: FoundModel): Promise<Sighting> {
    const model = { name, base: root, policy: this.#options.policy, labels: {} };
    const { config } = found;
    if (config === undefined) return { model, found };
    let known = this.#policies.get(config.uri);
    try {
      if (known?.generation !== config.generation) {
        known = { generation: config.generation, policy: policyOfTriton(await readText(store, config.uri)) };
        this.#policies.set(config.uri, known);
      }
      return { model: { ...model, policy: known.policy ?? model.policy }, found };
    } catch (error) {
      return { model, failure: `config.pbtxt: ${(error as Error).message}` };
    }
  }

  /** What a file says that cannot be read or understood is not taken, and the last one holds. */
  async #readFile(unread: Map<string, string>): Promise<void> {
    const { configFile } = this.#options;
    if (configFile === undefined) return;
    try {
      const text = await readFile(configFile, 'utf8');
      if (text === this.#fileText) return;
      this.#configured = this.#ofFile = modelsOfText(text);
      this.#fileText = text;
    } catch (error) {
      unread.set(configFile, (error as Error).message);
    }
  }
}

/** A place that cannot be looked at is none where a model may lie, and nobody learns why. */
async function mayLie(base: string, places: readonly string[]): Promise<boolean> {
  const around = places.filter((place) => liesIn(base, place));
  if (around.length === 0) return false;
  try {
    const real = await realPlace(base);
    const wide = await Promise.all(around.map(realPlace));
    return wide.some((place) => liesIn(real, place));
  } catch {
    return false;
  }
}
