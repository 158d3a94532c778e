import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import { type InferenceLimits, refuseSize } from '../infer/admit.ts';
import { BadInput } from '../infer/inference-failure.ts';
import { ListValue } from '../infer/list-value.ts';
import type { InputTensors, MixedValue } from '../infer/tensor.ts';
import { shortestFloat } from '../json/shortest-float.ts';

export interface ExampleBounds {
  /** The names that are read; a feature of another name is left alone, as by TensorFlow's parser. */
  readonly names: ReadonlySet<string>;
  /** Those of which an example may have several values. */
  readonly lists: Pick<ReadonlySet<string>, 'has'>;
  readonly limits: InferenceLimits;
}

/** The examples of a request; those of a list with a context have the context's features where they have none of that name. */
export function examplesOf(input: tfs.Input | undefined): readonly tfs.Example[] {
  const { exampleList, exampleListWithContext } = input ?? {};
  const examples = exampleList?.examples ?? exampleListWithContext?.examples ?? [];
  if (examples.length === 0) throw new InvalidRequest('Input is empty.');
  const context = exampleListWithContext?.context?.features?.feature;
  if (context === undefined || context.size === 0) return examples;
  return examples.map(({ features }) =>
    tfs.Example.create({ features: { feature: new Map([...context, ...(features?.feature ?? [])]) } }),
  );
}

/** Throws {@link InvalidRequest} for bytes that are no tf.Example. */
export function parseExamples(serialized: ArrayLike<MixedValue | ListValue>): readonly tfs.Example[] {
  return Array.from(serialized, (bytes, row) => {
    try {
      if (bytes instanceof Uint8Array) return tfs.Example.decode(bytes);
      if (typeof bytes === 'string') return tfs.Example.decode(Buffer.from(bytes));
    } catch {
      // Said below.
    }
    throw new InvalidRequest(`Could not parse example input, value ${row}`);
  });
}

/**
 * One row an example, one value a feature: a feature that is not there, of no kind or of no value is missing. Throws {@link BadInput} for
 * several values of one that is not read as a list.
 */
export function exampleInputs(examples: readonly tfs.Example[], { names, lists, limits }: ExampleBounds): InputTensors {
  const rows = examples.length;
  const columns = new Map<string, (MixedValue | ListValue)[]>();
  for (const [row, { features }] of examples.entries()) {
    for (const [name, feature] of features?.feature ?? []) {
      if (!names.has(name)) continue;
      let values = columns.get(name);
      if (values === undefined) {
        refuseSize(name, rows, (columns.size + 1) * rows, limits);
        columns.set(name, (values = new Array<MixedValue | ListValue>(rows).fill(null)));
      }
      values[row] = valueOf(name, row, feature, lists.has(name));
    }
  }
  return new Map(
    Array.from(columns, ([name, values]) => [name, { kind: 'mixed', values, shape: [rows], isSingle: true }]),
  );
}

function valueOf(
  name: string,
  row: number,
  { bytesList, floatList, int64List }: tfs.Feature,
  isList: boolean,
): MixedValue | ListValue {
  // As texts the values of a list are those of 32 bits: 0.1, not 0.10000000149011612.
  const floats = isList ? floatList?.value.map(shortestFloat) : floatList?.value;
  const list: readonly MixedValue[] = bytesList?.value ?? floats ?? int64List?.value ?? [];
  if (list.length > 1 && isList) return new ListValue(list);
  if (list.length > 1)
    throw new BadInput('shape', name, `has ${list.length} values in one example: one is expected`, row);
  return list[0] ?? null;
}
