import { BadData, checkOneKind, columnsOfDrop, type Rejects, type ScannedFile } from '@adstocrat/example-engine';
import { shortYearFormats } from '@adstocrat/examples';
import { MergedFacts, MergedTerms, type PartFacts, QuantileSketch } from '@adstocrat/statistics';
import type { PlannedTime } from '../plan/plan-time.ts';
import type { SpanFacts } from '../plan/span-facts.ts';
import { MergedRejects } from './merged-rejects.ts';
import type { ScannedShard } from './scan-shard.ts';
import type { WorkFolder } from './work-folder.ts';

/** What is held of a scanned shard once its facts are part of the drop's. */
export interface ShardHead extends Pick<ScannedShard, 'rows' | 'unique' | 'distinct' | 'different' | 'isToldApart'> {
  /** Names of its columns. */
  readonly columns: readonly string[];
  /** Names of its files. */
  readonly files: readonly string[];
}

/** Facts over all shards of a drop, told of one after the other: each has hashes and sketches of every column. */
export class MergedScans {
  readonly shards: ShardHead[] = [];
  readonly #files: ScannedFile[] = [];
  #rows = 0;
  readonly #columns = new Map<string, { readonly facts: MergedFacts; shards: number; rows: number }>();
  readonly #terms = new MergedTerms();
  #labels = 0;
  readonly #times = new Map<string, QuantileSketch>();
  readonly #rejects = new MergedRejects();

  static async read(folders: readonly Pick<WorkFolder, 'json'>[]): Promise<MergedScans> {
    const merged = new MergedScans();
    for (const folder of folders) merged.add(await folder.json<ScannedShard>('scan.json'));
    return merged;
  }

  add({ files, columns, labels, times, rejects, ...head }: ScannedShard): void {
    const { rows, unique, distinct, different, isToldApart } = head;
    const names = columns.map(({ name }) => name);
    this.shards.push({
      rows,
      unique,
      distinct,
      different,
      isToldApart,
      columns: names,
      files: files.map(({ name }) => name),
    });
    this.#files.push(...files);
    this.#rows += rows;
    for (const column of columns) {
      const known = this.#columns.get(column.name) ?? { facts: new MergedFacts(), shards: 0, rows: 0 };
      known.facts.add(column);
      known.shards += 1;
      known.rows += rows;
      this.#columns.set(column.name, known);
    }
    this.#terms.add(labels.terms);
    this.#labels = Math.max(this.#labels, labels.distinct);
    for (const time of times) {
      this.#addTimes(time);
      // Other shards may have years of two digits: all are read by the format that reads both.
      const both = Object.entries(shortYearFormats).find(([format]) => format === time.format)?.[1];
      if (both !== undefined && !times.some(({ column, format }) => column === time.column && format === both))
        this.#addTimes({ ...time, format: both });
    }
    this.#rejects.add(rejects);
  }

  /**
   * Facts of the drop, but for its tables. Throws BadData as a scan of all files at once does: no rows in any, two kinds, columns that
   * differ.
   */
  facts(withheld: boolean): Omit<SpanFacts, 'tables' | 'columns'> & { readonly columns: readonly PartFacts[] } {
    const [files, rows] = [this.#files, this.#rows];
    checkOneKind(files);
    const byName = new Map(files.map((file) => [file.name, file]));
    const headers = this.shards
      .filter(({ columns }) => columns.length > 0)
      .map((shard) => {
        const name = shard.files.find((one) => (byName.get(one)?.rows ?? 0) > 0) ?? shard.files[0] ?? '';
        return { name, header: { fields: shard.columns, isRow: byName.get(name)?.rowAsHeader !== undefined } };
      });
    const names = columnsOfDrop(headers, files, withheld);
    if (rows === 0) throw new BadData(this.#noRows(names.length === 0));
    return {
      rows,
      columns: names.map((name) => this.#factsOf(name)),
      files,
      labels: { terms: this.#terms.value, distinct: this.#labels },
    };
  }

  /** Event times at these probabilities; none without an event time. */
  timesAt(time: PlannedTime | undefined, probabilities: readonly number[]): readonly number[] {
    const sketch = time === undefined ? undefined : this.#times.get(keyOf(time));
    return sketch === undefined || sketch.count === 0 ? [] : sketch.quantiles(probabilities);
  }

  rejects(table: Rejects['table']): Rejects {
    return this.#rejects.of(table);
  }

  #addTimes(time: ScannedShard['times'][number]): void {
    const sketch = this.#times.get(keyOf(time)) ?? new QuantileSketch();
    sketch.merge(time.quantiles);
    this.#times.set(keyOf(time), sketch);
  }

  /** Lines of JSON of a shard may not have a column: it is empty there. */
  #factsOf(name: string): PartFacts {
    const known = this.#columns.get(name);
    if (known === undefined) throw new Error(`no shard has facts of "${name}"`);
    if (known.shards < this.shards.length) {
      known.facts.addAbsent(this.#rows - known.rows);
      known.shards = this.shards.length;
      known.rows = this.#rows;
    }
    return known.facts.value;
  }

  #noRows(areEmpty: boolean): string {
    const files = this.#files;
    const [why] = this.#rejects.first;
    return why === undefined && areEmpty
      ? `${files[0]?.name ?? ''} is empty${files.length > 1 ? ', as is every other file' : ''}: a CSV begins with a header line, other files with a row`
      : `no row can be read from ${files.map((file) => file.name).join(', ')}: ${why === undefined ? 'only a header' : `${why.file}:${why.line}: ${why.reason}`}`;
  }
}

function keyOf({ column, format }: Pick<PlannedTime, 'column' | 'format'>): string {
  return JSON.stringify([column, format]);
}
