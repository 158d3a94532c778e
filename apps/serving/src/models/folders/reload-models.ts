import type { ModelTable } from '../model-table.ts';
import { checkModels, type FolderModel } from './folder-model.ts';
import type { FolderModels } from './folder-models.ts';
import type { ModelPlaces } from './model-places.ts';

/** What came of a configuration that a request gave. */
export type Reloaded =
  | { readonly kind: 'in force' }
  /** Of the models named, those of which nothing answers, with why. The configuration holds. */
  | { readonly kind: 'not loaded'; readonly models: ReadonlyMap<string, string> }
  /** The version that a label is to point to does not answer: labels stay, the rest of the configuration holds. */
  | { readonly kind: 'label'; readonly model: string; readonly version: number };

/** Configures the models of folders by request, on this server, until the configuration file changes or the server ends. */
export class ReloadModels {
  readonly #places: ModelPlaces;
  readonly #folders: FolderModels;
  readonly #models: ModelTable;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: { readonly places: ModelPlaces; readonly folders: FolderModels; readonly models: ModelTable }) {
    this.#places = options.places;
    this.#folders = options.folders;
    this.#models = options.models;
  }

  /** Resolves when it has been tried to load what is new. Throws `BadModelConfig`, and nothing is changed then. One after another. */
  reload(models: readonly FolderModel[]): Promise<Reloaded> {
    const own = this.#last.then(() => this.#reload(models));
    this.#last = own.catch(() => undefined);
    return own;
  }

  async #reload(models: readonly FolderModel[]): Promise<Reloaded> {
    const before = new Map(this.#places.configured.map((model) => [model.name, model.labels]));
    // Labels stay where they point until it is known that the versions answer which they are to point to.
    await this.#places.configure(
      checkModels(models).map((model) => ({ ...model, labels: before.get(model.name) ?? {} })),
    );
    await this.#folders.settle();
    const silent = models.filter(({ name }) => this.#models.get(name)?.routing === undefined);
    if (silent.length > 0)
      return { kind: 'not loaded', models: new Map(silent.map(({ name }) => [name, this.#whyNot(name)])) };
    for (const { name, labels } of models)
      for (const version of Object.values(labels))
        if (this.#models.get(name)?.isAvailable(version) !== true) return { kind: 'label', model: name, version };
    await this.#places.configure(models);
    await this.#folders.follow();
    return { kind: 'in force' };
  }

  #whyNot(name: string): string {
    const errors = this.#models
      .get(name)
      ?.states()
      .flatMap(({ version, error }) => (error === '' ? [] : [`version ${version}: ${error}`]));
    return errors === undefined || errors.length === 0 ? 'no version of it was found' : errors.join('; ');
  }
}
