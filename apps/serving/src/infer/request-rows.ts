import type { Column, ColumnarBatch, TimeFormat } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import { arraySeparator, requestTimes } from '@adstocrat/transforms';
import { refuseUnknown } from './admit.ts';
import { BadInput } from './inference-failure.ts';
import { imageBytesName, predictionIdName } from './names.ts';
import { readColumn, refuseNoTime } from './read-column.ts';
import { eachRow, type InputTensor, type InputTensors, type MixedValue, type RowSlice } from './tensor.ts';

/** Rows of a request as a servable takes them. */
export interface RequestRows {
  readonly batch: ColumnarBatch;
  /** Encoded images a row; absent where none was sent. */
  readonly images?: readonly (Uint8Array | null)[];
}

/**
 * Rows of the inputs as columns of a servable. Throws {@link BadInput} for an input that the servable does not have, or a value that is
 * wrong.
 */
export function requestRows(servable: LoadedServable, inputs: InputTensors, rows: RowSlice): RequestRows {
  const { names, types, times, personal, separators } = columnsOf(servable);
  refuseUnknown(inputs.keys(), names);
  const columns = new Map<string, Column>();
  let images: readonly (Uint8Array | null)[] | undefined;
  for (const [name, tensor] of inputs) {
    if (name === predictionIdName) continue;
    const type = types.get(name);
    if (type !== undefined) {
      const column = readColumn(name, type, tensor, rows, {
        personal: personal.has(name),
        separator: separators.get(name),
      });
      const format = times.get(name);
      if (format !== undefined) refuseNoTime(name, column, format, rows.from);
      columns.set(name, column);
    } else images = imagesOf(tensor, rows);
  }
  const batch = { rows: rows.to - rows.from, columns };
  return images === undefined ? { batch } : { batch, images };
}

interface Columns {
  readonly names: ReadonlySet<string>;
  readonly types: ReadonlyMap<string, Column['type']>;
  /** Those that are read as times, with how they are written. */
  readonly times: ReadonlyMap<string, TimeFormat>;
  /** Those whose values nobody may read. */
  readonly personal: ReadonlySet<string>;
  /** How a list in a column is read, as `arraySeparator` says. */
  readonly separators: ReadonlyMap<string, string | null | undefined>;
}

const known = new WeakMap<LoadedServable, Columns>();

function columnsOf(servable: LoadedServable): Columns {
  let columns = known.get(servable);
  if (columns === undefined) {
    const { schema, transform, manifest } = servable;
    const { eventTime } = manifest.roles;
    columns = {
      names: new Set(schema.columns.map(({ name }) => name)),
      types: new Map(schema.columns.map(({ name, type }) => [name, type])),
      times: requestTimes(transform, eventTime),
      personal: new Set(Object.keys(manifest.personal?.columns ?? {})),
      separators: new Map(schema.columns.map(({ name }) => [name, arraySeparator(transform, name)])),
    };
    known.set(servable, columns);
  }
  return columns;
}

function imagesOf({ values }: InputTensor, rows: RowSlice): readonly (Uint8Array | null)[] {
  return eachRow<MixedValue, Uint8Array | null>(values as ArrayLike<MixedValue>, rows, (value, row) => {
    if (value === null || value === '' || Number.isNaN(value)) return null;
    if (value instanceof Uint8Array) return value.length === 0 ? null : value;
    throw new BadInput(
      'value',
      imageBytesName,
      'the bytes of an image are expected, as a bytes tensor or {"b64": …}',
      row,
    );
  });
}
