import type { ColumnarBatch } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import { counter } from '@adstocrat/service-kit/telemetry';
import { type ModelInput, placedFeatures } from '@adstocrat/transforms';
import { type ExpectedTimes, expectedTimes, unexpectedTimes } from './expected-times.ts';

const missing = counter('adstocrat.serving.features.missing', {
  unit: '{value}',
  description: 'Values of feature columns that answered rows did not have.',
});
const unknown = counter('adstocrat.serving.features.unknown', {
  unit: '{value}',
  description: 'Values of categorical features that training did not name, or named not all of.',
});
const outOfRange = counter('adstocrat.serving.features.out_of_range', {
  unit: '{value}',
  description:
    "Values of numeric features outside of what the training span's had, and event times ten years and more from those of training.",
});
const unknownImages = counter('adstocrat.serving.features.unknown_images', {
  unit: '{value}',
  description:
    'Names of images that do not travel with the model, in rows without image bytes: scored as rows without an image.',
});

/** Counts by model and column what in the rows of an answer is not as in training. */
export function countFeatures(
  model: string,
  servable: LoadedServable,
  batch: ColumnarBatch,
  input: ModelInput,
  images?: readonly (Uint8Array | null)[],
): void {
  const { features, times, image, ids } = watchedOf(model, servable);
  if (image !== undefined) {
    const strange = unknownIn(servable, batch.columns.get(image)?.values, images);
    if (strange > 0) unknownImages.add(strange, { model });
  }
  for (const { column, range, addMissing, addOut } of features) {
    const values = batch.columns.get(column)?.values;
    const [absent, out] = values === undefined ? [batch.rows, 0] : countIn(values, range);
    if (absent > 0) addMissing(absent);
    if (out > 0) addOut(out);
  }
  if (times !== undefined) {
    const out = unexpectedTimes(times, batch);
    if (out > 0) times.addOut(out);
  }
  const width = servable.transform.fields.length;
  for (const { field, slots, from, to, addUnknown } of ids) {
    let count = 0;
    for (let row = field; row < input.ids.length; row += width) {
      let isUnknown = false;
      for (let at = row; at < row + slots; at += 1) isUnknown ||= input.ids[at]! >= from && input.ids[at]! < to;
      if (isUnknown) count += 1;
    }
    if (count > 0) addUnknown(count);
  }
}

type Add = (value: number) => void;

/** What is looked at in each row, and where it is counted. */
interface Watched {
  readonly features: readonly {
    readonly column: string;
    readonly range: readonly [number, number] | undefined;
    readonly addMissing: Add;
    readonly addOut: Add;
  }[];
  readonly times: (ExpectedTimes & { readonly addOut: Add }) | undefined;
  /** The column that names images. */
  readonly image: string | undefined;
  /** Features with ids [from, to) for values that training did not name: their first field, and how many they have. */
  readonly ids: readonly {
    readonly field: number;
    readonly slots: number;
    readonly from: number;
    readonly to: number;
    readonly addUnknown: Add;
  }[];
}

/** The same for all answers of a servable, which is one model's. */
const known = new WeakMap<LoadedServable, Watched>();

function watchedOf(model: string, servable: LoadedServable): Watched {
  let watched = known.get(servable);
  if (watched === undefined) known.set(servable, (watched = watch(model, servable)));
  return watched;
}

function watch(model: string, servable: LoadedServable): Watched {
  const { schema, transform } = servable;
  const outOf = (column: string): Add => whenFirst(() => outOfRange.of({ model, column }));
  const times = expectedTimes(servable);
  return {
    features: schema.columns
      .filter(({ role }) => role === 'feature')
      .map(({ name: column, range }) => ({
        column,
        range,
        addMissing: whenFirst(() => missing.of({ model, column })),
        addOut: outOf(column),
      })),
    times: times && { ...times, addOut: outOf(times.column) },
    image: schema.columns.find(({ role }) => role === 'image')?.name,
    ids: placedFeatures(transform).flatMap(({ feature, field, offset }) => {
      const { columns, slots, unknown: shared } = feature;
      const [column = ''] = columns;
      if (shared === undefined || shared.count === 0) return [];
      const from = offset + shared.first;
      const to = from + shared.count;
      return [{ field, slots, from, to, addUnknown: whenFirst(() => unknown.of({ model, column })) }];
    }),
  };
}

/** A series is begun when there is something to count. */
function whenFirst(begin: () => Add): Add {
  let add: Add | undefined;
  return (value) => (add ??= begin())(value);
}

function countIn(
  values: Float64Array | readonly (string | null)[],
  [low, high]: readonly [number, number] = [-Infinity, Infinity],
): readonly [absent: number, out: number] {
  let [absent, out] = [0, 0];
  for (const value of values) {
    if (value === null || value === '' || Number.isNaN(value)) absent += 1;
    else if (typeof value === 'number' && (value < low || value > high)) out += 1;
  }
  return [absent, out];
}

function unknownIn(
  servable: LoadedServable,
  names: Float64Array | readonly (string | null)[] | undefined,
  images: readonly (Uint8Array | null)[] | undefined,
): number {
  let count = 0;
  for (const [row, name] of (names ?? []).entries())
    if (typeof name === 'string' && name !== '' && images?.[row] == null && !servable.knowsImage(name)) count += 1;
  return count;
}
