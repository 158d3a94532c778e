import { enoughRows, type LearnedColumn, type Relation, type UnlikeColumn } from '@adstocrat/example-engine';

/** A file of a batch, typed, or files that are read together. */
export interface TypedFile {
  readonly file: string;
  readonly rows: number;
  readonly typed: Relation;
  /** Columns that the version takes and the file has. */
  readonly taken: readonly LearnedColumn[];
}

interface Judging {
  union(relations: readonly Relation[]): Promise<Relation>;
  /** See `unlikeTraining`. */
  unlike(rows: Relation, columns: readonly LearnedColumn[]): Promise<readonly UnlikeColumn[]>;
}

/**
 * What in the files of a batch is unlike what its model learned from: a sentence a column, of the first file where it is so. Files of a
 * few rows, which say nothing alone, are judged together, as many as are enough rows.
 */
export class UnlikeFiles {
  readonly #judging: Judging;
  readonly #columns = new Map<string, { readonly sentence: string; readonly file: string; more: number }>();
  #small: TypedFile[] = [];
  #files = 0;

  constructor(judging: Judging) {
    this.#judging = judging;
  }

  /** The next file. */
  async add(one: TypedFile): Promise<void> {
    this.#files += 1;
    if (one.rows >= enoughRows) {
      this.#found([one], await this.#judging.unlike(one.typed, one.taken));
      return;
    }
    this.#small.push(one);
    if (this.#small.reduce((sum, { rows }) => sum + rows, 0) < enoughRows) return;
    const together = this.#small;
    this.#small = [];
    const columns = new Map(together.flatMap(({ taken }) => taken).map((column) => [column.name, column]));
    const rows = await this.#judging.union(together.map(({ typed }) => typed));
    this.#found(together, await this.#judging.unlike(rows, [...columns.values()]));
  }

  #found(files: readonly TypedFile[], found: readonly UnlikeColumn[]): void {
    for (const { column, sentence } of found) {
      const known = this.#columns.get(column);
      if (known === undefined)
        this.#columns.set(column, { sentence, file: files[0]?.file ?? '', more: files.length - 1 });
      else known.more += files.length;
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
