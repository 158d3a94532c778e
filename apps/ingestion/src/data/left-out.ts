import { isHidden } from './glob.ts';
import { isTable } from './table-file.ts';

/** Names in one sentence, at most. */
const shown = 5;

/** Data files that are not read, among those that it is shown: hidden ones, and files of rows that no glob of the task names. */
export class LeftOut {
  readonly #hidden = new SomeNames();
  readonly #unnamed = new SomeNames();
  readonly #formats = new TableFormats();

  look(path: string, isTaken: boolean): void {
    this.#formats.look(path);
    if (!isTaken && isTable(path)) (isHidden(path) ? this.#hidden : this.#unnamed).add(path);
  }

  /** What is said of them, by the reason. */
  notes(): readonly string[] {
    return [
      ...this.#formats.notes(),
      ...this.#hidden.listed('hidden and left out'),
      ...this.#unnamed.listed('not named by data.examples or data.tables and left out'),
    ];
  }
}

/** Folders in which formats of tables keep which of their files are the table now. */
const tableLogs: Readonly<Record<string, string>> = { _delta_log: 'Delta', '.hoodie': 'Hudi' };

/** Formats of tables whose files may be older than the table, among the paths that it is shown. */
export class TableFormats {
  readonly #logs = new Set<string>();

  look(path: string): void {
    const log = Object.keys(tableLogs).find((folder) => isBelow(path, folder));
    if (log !== undefined) this.#logs.add(log);
  }

  /** What is said of them. */
  notes(): readonly string[] {
    return Object.entries(tableLogs)
      .filter(([folder]) => this.#logs.has(folder))
      .map(
        ([folder, format]) =>
          `the data is a ${format} table (${folder}), whose log is not read: all of its files are rows, also those that were replaced or deleted; write the table as it is now into a folder of its own`,
      );
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.includes(`${folder}/`) && path.split('/').slice(0, -1).includes(folder);
}

/** The first of many names, and how many there are. */
class SomeNames {
  readonly #first: string[] = [];
  #count = 0;

  add(name: string): void {
    this.#count += 1;
    if (this.#first.length < shown) this.#first.push(name);
  }

  listed(what: string): readonly string[] {
    if (this.#count === 0) return [];
    const more = this.#count > shown ? ` and ${this.#count - shown} more` : '';
    return [`${what}: ${this.#first.join(', ')}${more}`];
  }
}
