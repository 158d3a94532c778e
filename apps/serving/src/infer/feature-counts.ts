import type { ColumnarBatch } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import { counter } from '@adstocrat/service-kit/telemetry';
import type { ModelInput } from '@adstocrat/transforms';

const missing = counter('adstocrat.serving.features.missing', {
  unit: '{value}',
  description: 'Values of feature columns that answered rows did not have.',
});
const unknown = counter('adstocrat.serving.features.unknown', {
  unit: '{value}',
  description: 'Values of categorical features that training did not name.',
});
const outOfRange = counter('adstocrat.serving.features.out_of_range', {
  unit: '{value}',
  description: "Values of numeric features outside of what the training span's had.",
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
  for (const { name, role, range } of servable.schema.columns) {
    const values = batch.columns.get(name)?.values;
    if (role === 'image') {
      const strange = unknownIn(servable, values, images);
      if (strange > 0) unknownImages.add(strange, { model });
    }
    if (role !== 'feature') continue;
    const [absent, out] = values === undefined ? [batch.rows, 0] : countIn(values, range);
    if (absent > 0) missing.add(absent, { model, column: name });
    if (out > 0) outOfRange.add(out, { model, column: name });
  }
  const { fields } = servable.transform;
  for (const [index, { column, offset, unknown: shared }] of fields.entries()) {
    if (shared === undefined || shared.count === 0) continue;
    const first = offset + shared.first;
    let count = 0;
    for (let at = index; at < input.ids.length; at += fields.length) {
      const id = input.ids[at]!;
      if (id >= first && id < first + shared.count) count += 1;
    }
    if (count > 0) unknown.add(count, { model, column });
  }
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
