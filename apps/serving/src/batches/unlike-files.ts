import type { UnlikeColumn } from '@adstocrat/example-engine';

/** What in the files of a batch is unlike what its model learned from: a sentence a column, of the first file where it is so. */
export class UnlikeFiles {
  readonly #columns = new Map<string, { readonly sentence: string; readonly file: string; more: number }>();
  #files = 0;

  /** The next file, or files that are read together. */
  add(file: string, found: readonly UnlikeColumn[]): void {
    this.#files += 1;
    for (const { column, sentence } of found) {
      const known = this.#columns.get(column);
      if (known === undefined) this.#columns.set(column, { sentence, file, more: 0 });
      else known.more += 1;
    }
  }

  /** For people. Of a single file its name is not said. */
  get sentences(): readonly string[] {
    return Array.from(this.#columns.values(), ({ sentence, file, more }) => {
      if (this.#files === 1) return sentence;
      return `${sentence} In ${file}${more === 0 ? '' : ` and ${more.toLocaleString('en')} more`}`;
    });
  }
}
