import type { openInference as v2 } from '@adstocrat/schemas';
import { BadInput } from '../infer/inference-failure.ts';
import { rowAt } from '../infer/row-at.ts';
import type { TensorValues } from '../infer/tensor.ts';
import { type Datatype, traitsOf } from './datatype.ts';
import type { WireTensor } from './wire-request.ts';

type Field = keyof v2.InferTensorContents;

const fields = [
  'boolContents',
  'intContents',
  'int64Contents',
  'uintContents',
  'uint64Contents',
  'fp32Contents',
  'fp64Contents',
  'bytesContents',
] as const satisfies readonly Field[];

/** The field that holds a datatype; FP16 and BF16 have none: they come as raw data alone. */
const fieldsByType: Readonly<Record<Datatype, Field | undefined>> = {
  BOOL: 'boolContents',
  INT8: 'intContents',
  INT16: 'intContents',
  INT32: 'intContents',
  INT64: 'int64Contents',
  UINT8: 'uintContents',
  UINT16: 'uintContents',
  UINT32: 'uintContents',
  UINT64: 'uint64Contents',
  FP16: undefined,
  BF16: undefined,
  FP32: 'fp32Contents',
  FP64: 'fp64Contents',
  BYTES: 'bytesContents',
};

/** The field of a datatype's typed contents; undefined for those that have none. */
export function fieldOf(datatype: Datatype): Field | undefined {
  return fieldsByType[datatype];
}

/** True where any field holds a value. */
export function holdsValues(contents: v2.InferTensorContents | undefined): boolean {
  return contents !== undefined && fields.some((field) => contents[field].length > 0);
}

/**
 * Typed contents as values. Throws {@link BadInput} where another field than the datatype's holds values, where it holds another number
 * than the shape says, and for a number that the datatype cannot hold.
 */
export function typedValues(
  input: WireTensor,
  elements: number,
  contents: v2.InferTensorContents | undefined,
): TensorValues {
  const { name, datatype } = input;
  const field = fieldOf(datatype);
  if (field === undefined)
    throw new BadInput('dtype', name, `is ${datatype}, which has no typed contents: send it in raw_input_contents`);
  for (const other of fields)
    if (other !== field && contents !== undefined && contents[other].length > 0)
      throw new BadInput(
        'dtype',
        name,
        `has values in ${wireName(other)}, and the ones of ${datatype} belong into ${wireName(field)}`,
      );
  const values = contents?.[field] ?? [];
  if (values.length !== elements)
    throw new BadInput('shape', name, `holds ${values.length} elements, its shape says ${elements}`);
  const { kind, bytes } = traitsOf(datatype);
  if (kind === 'int' && bytes < 4) refuseOverflow(input, values as readonly number[]);
  return { kind, values, ...(datatype === 'FP32' && { isSingle: true }) } as TensorValues;
}

function refuseOverflow({ name, datatype, shape }: WireTensor, values: readonly number[]): void {
  const span = 2 ** (8 * traitsOf(datatype).bytes);
  const lowest = datatype.startsWith('U') ? 0 : -span / 2;
  const at = values.findIndex((value) => value < lowest || value >= lowest + span);
  if (at >= 0) throw new BadInput('value', name, `${values[at]} is no ${datatype}`, rowAt(shape, at));
}

function wireName(field: Field): string {
  return field.replace('Contents', '_contents');
}
