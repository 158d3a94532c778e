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

/** Columns whose values are called as images are. Values are a sample: one that is not, or is not there, is one value's matter. */
export function imageLike(columns: readonly SampledColumn[]): readonly SampledColumn[] {
  return columns.filter(
    ({ values }) =>
      values.length > 0 && values.filter((value) => imageName.test(value)).length >= namedShare * values.length,
  );
}

/**
 * Which column names images that are there: the one with most of its values among the paths, and the base under which most of them
 * lie. Undefined where no value of any names a path.
 */
export function imageColumn(columns: readonly SampledColumn[], paths: readonly string[]): ImageColumn | undefined {
  const candidates = imageLike(columns);
  const wanted = new Set(candidates.flatMap(({ values }) => values.map(lastName)));
  // Of all paths, only those that end as a value does are kept: there may be millions.
  const byName = Map.groupBy(
    paths.filter((path) => wanted.has(lastName(path))),
    lastName,
  );
  const found = candidates.map(({ name, values }) => {
    const bases = values.flatMap((value) => basesOf(value, byName.get(lastName(value)) ?? []));
    const [best] = [...Map.groupBy(bases, (base) => base)].sort(
      ([a, first], [b, second]) => second.length - first.length || a.length - b.length || (a < b ? -1 : 1),
    );
    return { column: name, base: best?.[0] ?? '', count: best?.[1].length ?? 0 };
  });
  const [most] = found.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  return most === undefined ? undefined : { column: most.column, base: most.base };
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** What stands before the value in each path that ends in it. */
function basesOf(value: string, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => `/${path}`.endsWith(`/${value}`)).map((path) => path.slice(0, -value.length));
}
