/** Models that loads look for, until they have looked: what is unloaded meanwhile is not to come into service once it is found. */
export class SoughtModels {
  readonly #sought = new Map<string, { loads: number; unloaded: boolean }>();

  /** Until `look` is over; it is wanted again, whatever was unloaded before. */
  async during<T>(model: string, look: () => Promise<T>): Promise<T> {
    const sought = this.#sought.get(model) ?? { loads: 0, unloaded: false };
    sought.loads += 1;
    sought.unloaded = false;
    this.#sought.set(model, sought);
    try {
      return await look();
    } finally {
      sought.loads -= 1;
      if (sought.loads === 0) this.#sought.delete(model);
    }
  }

  unload(model: string): void {
    const sought = this.#sought.get(model);
    if (sought !== undefined) sought.unloaded = true;
  }

  isUnloaded(model: string): boolean {
    return this.#sought.get(model)?.unloaded === true;
  }
}
