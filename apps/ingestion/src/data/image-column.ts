/** Values of one column, the most frequent first. */
export interface SampledColumn {
  readonly name: string;
  readonly values: readonly string[];
}

export interface ImageColumn {
  readonly column: string;
  /** Folder below the data that the values are resolved against; `''` is the data's own. */
  readonly base: string;
}

/** Share of a column's values that end as files of images do. */
const namedShare = 0.9;

const imageName = /\.(png|jpe?g|webp|gif|avif)$/i;

/** Which of some columns names images that are there, among paths that it is shown: there may be millions, none of which is held. */
export class ImageColumns {
  /** Columns whose values are called as images are. Values are a sample: one that is not, or is not there, is one value's matter. */
  readonly candidates: readonly SampledColumn[];
  /** By what their paths' names are. */
  readonly #wanted: ReadonlyMap<string, readonly Wanted[]>;
  readonly #bases: readonly ImageBases[];

  constructor(columns: readonly SampledColumn[]) {
    this.candidates = columns.filter(
      ({ values }) =>
        values.length > 0 && values.filter((value) => imageName.test(value)).length >= namedShare * values.length,
    );
    this.#bases = this.candidates.map(({ name }) => new ImageBases(name));
    const wanted = this.candidates.flatMap(({ values }, at) =>
      values.map((value) => ({ value, bases: this.#bases[at]! })),
    );
    this.#wanted = Map.groupBy(wanted, ({ value }) => lastName(value));
  }

  /** Called with each path once, ascending. */
  look(path: string): void {
    for (const { value, bases } of this.#wanted.get(lastName(path)) ?? [])
      if (`/${path}`.endsWith(`/${value}`)) bases.add(path, path.slice(0, -value.length));
  }

  /** The column with most of its values among the paths, and the base under which most of them lie. Undefined where no value is there. */
  found(): ImageColumn | undefined {
    const found = this.#bases.map((bases) => bases.most()).filter((most) => most !== undefined);
    const [most] = found.sort((a, b) => b.count - a.count);
    return most === undefined ? undefined : { column: most.column, base: most.base };
  }
}

interface Wanted {
  readonly value: string;
  readonly bases: ImageBases;
}

interface CountedBase extends ImageColumn {
  count: number;
}

/** How many images of a column lie under each base. Paths under one base follow each other: no more are held than lie one in another. */
class ImageBases {
  readonly #column: string;
  #open: CountedBase[] = [];
  #most: CountedBase | undefined;

  constructor(column: string) {
    this.#column = column;
  }

  add(path: string, base: string): void {
    this.#close((one) => !path.startsWith(one.base));
    const known = this.#open.find((one) => one.base === base);
    if (known === undefined) this.#open.push({ column: this.#column, base, count: 1 });
    else known.count += 1;
  }

  most(): CountedBase | undefined {
    this.#close(() => true);
    return this.#most;
  }

  #close(isOver: (one: CountedBase) => boolean): void {
    if (!this.#open.some(isOver)) return;
    for (const one of this.#open)
      if (isOver(one) && (this.#most === undefined || isMore(one, this.#most))) this.#most = one;
    this.#open = this.#open.filter((one) => !isOver(one));
  }
}

function isMore(one: CountedBase, other: CountedBase): boolean {
  if (one.count !== other.count) return one.count > other.count;
  return one.base.length === other.base.length ? one.base < other.base : one.base.length < other.base.length;
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
