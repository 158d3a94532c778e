/** What distinguishes the series of one metric. The same names in the same order each time. */
export type Labels = Readonly<Record<string, string | number>>;

/** Series of one metric, at most: whatever strangers say, a metric stays small. */
const maxSeries = 2000;
/** What stands for all that came later. */
const others: Labels = { overflow: 'true' };

/** The series of one metric by their labels, bounded. */
export class Series<V> {
  readonly #make: () => V;
  readonly #byLabels = new Map<string, { readonly labels: Labels; readonly value: V }>();

  constructor(make: () => V) {
    this.#make = make;
  }

  /** The series of these labels, begun where there is none; the one of all others where there are too many. */
  of(labels: Labels): V {
    const key = Object.values(labels).join('\0');
    const known = this.#byLabels.get(key);
    if (known !== undefined) return known.value;
    if (this.#byLabels.size < maxSeries) return this.#begin(key, labels);
    return this.#byLabels.get('true')?.value ?? this.#begin('true', others);
  }

  *[Symbol.iterator](): Iterator<readonly [labels: Labels, value: V]> {
    for (const { labels, value } of this.#byLabels.values()) yield [labels, value];
  }

  #begin(key: string, labels: Labels): V {
    const value = this.#make();
    this.#byLabels.set(key, { labels, value });
    return value;
  }
}
