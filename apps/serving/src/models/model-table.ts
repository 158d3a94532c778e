import { ServedModel } from './served-model.ts';

/** What says which versions of a model are served. */
export type ModelOwner = 'registry' | 'folder';

/** Every model that is or was deployed here, by name. */
export class ModelTable {
  readonly #models = new Map<string, ServedModel>();
  readonly #owners = new Map<string, ModelOwner>();

  /** A model is of one source, the first that names it: false where it is the other's. */
  claim(name: string, owner: ModelOwner): boolean {
    if (!this.#owners.has(name)) this.#owners.set(name, owner);
    return this.#owners.get(name) === owner;
  }

  /** Forgets a model that answers nothing any more: its name is anyone's again. */
  forget(name: string): void {
    this.#models.delete(name);
    this.#owners.delete(name);
  }

  ownerOf(name: string): ModelOwner | undefined {
    return this.#owners.get(name);
  }

  get(name: string): ServedModel | undefined {
    return this.#models.get(name);
  }

  /** The model, begun where it was not known. */
  open(name: string): ServedModel {
    let model = this.#models.get(name);
    if (model === undefined) this.#models.set(name, (model = new ServedModel(name)));
    return model;
  }

  list(): readonly ServedModel[] {
    return [...this.#models.values()];
  }
}
