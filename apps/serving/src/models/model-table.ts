import { ServedModel } from './served-model.ts';

/** Every model that is or was deployed here, by name. */
export class ModelTable {
  readonly #models = new Map<string, ServedModel>();

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
