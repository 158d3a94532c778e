import { type InferenceLimits, refuseSize, refuseUnknown } from '../infer/admit.ts';
import { BadInput } from '../infer/inference-failure.ts';
import type { ModelTarget } from '../infer/inference-request.ts';
import { imageBytesName, predictionIdName } from '../infer/names.ts';
import type { ListValue } from '../infer/list-value.ts';
import type { InputTensor, InputTensors, MixedValue } from '../infer/tensor.ts';

/** One row in names, whichever transport brought it. */
export interface ClickRow {
  readonly features: Iterable<readonly [name: string, value: MixedValue | ListValue]>;
  /** Empty: the server makes one. */
  readonly predictionId: string;
}

/** A request in names. */
export interface ClickRequest {
  readonly target: ModelTarget;
  readonly rows: readonly ClickRow[];
  /** True keeps the rows out of the prediction log. */
  readonly unlogged: boolean;
  /** True asks for a signed token a row. */
  readonly tokens: boolean;
}

/**
 * Rows in names as inputs, a column for each name that any row has. Throws {@link BadInput} or `TooLarge` before a column is made for a name
 * that is none of `columns`, or that is too many.
 */
export function inputsOf(
  rows: readonly ClickRow[],
  columns: ReadonlySet<string>,
  limits: InferenceLimits,
): InputTensors {
  if (rows.length === 0) throw new BadInput('none', '', 'the request has no row');
  const cells = new Map<string, (MixedValue | ListValue)[]>();
  const columnOf = (name: string): (MixedValue | ListValue)[] => {
    const known = cells.get(name);
    if (known !== undefined) return known;
    refuseSize(name, rows.length, rows.length * (cells.size + 1), limits);
    const column = new Array<MixedValue | ListValue>(rows.length).fill(null);
    cells.set(name, column);
    return column;
  };
  // Each row has an id, so that one without any feature is a row too.
  const ids = columnOf(predictionIdName);
  for (const [row, { features, predictionId }] of rows.entries()) {
    if (predictionId !== '') ids[row] = predictionId;
    for (const [name, value] of features) {
      if (name === predictionIdName) throw new BadInput('unknown', name, 'stands beside the features, not among them');
      if (!cells.has(name)) refuseUnknown([name], columns);
      if (value instanceof Uint8Array && name !== imageBytesName)
        throw new BadInput('dtype', name, `bytes are those of an image, under ${imageBytesName}`, row);
      columnOf(name)[row] = value;
    }
  }
  return new Map(
    Array.from(cells, ([name, values]): [string, InputTensor] => [
      name,
      { kind: 'mixed', shape: [rows.length], values },
    ]),
  );
}
