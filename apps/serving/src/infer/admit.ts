import { Cancelled } from '@adstocrat/service-kit';
import { BadInput, DeadlineExceeded, quoted, TooLarge } from './inference-failure.ts';
import type { InferenceRequest } from './inference-request.ts';
import { imageBytesName, predictionIdName } from './names.ts';
import type { ServedModel } from '../models/served-model.ts';
import { type InputTensor, rowsOf } from './tensor.ts';

/** What a request may ask for at most. A few bytes of it may stand for many rows and values. */
export interface InferenceLimits {
  readonly rows: number;
  /** Rows × inputs. */
  readonly values: number;
  /** Of all strings and images, those that a shape repeats counted as often. */
  readonly bytes: number;
  /** Of one value that is no image: a text is looked up, hashed and logged. */
  readonly valueBytes: number;
  /** Of all images of a request, as their headers say. */
  readonly pixels: number;
}

/**
 * Lets a request in, and says how many rows it has. Throws {@link BadInput}, {@link TooLarge}, {@link DeadlineExceeded} or service-kit's
 * `Cancelled`, all before anything is made that is as large as the request says it is.
 */
export function admit(
  request: Pick<InferenceRequest, 'inputs' | 'signal' | 'deadlineMs'>,
  { columns, lists }: { readonly columns: ReadonlySet<string>; readonly lists?: ServedModel['lists'] },
  limits: InferenceLimits,
): number {
  refuseLate(request);
  const { inputs } = request;
  refuseUnknown(inputs.keys(), columns);
  let rows: number | undefined;
  let [first, values, bytes] = ['', 0, 0];
  for (const [name, tensor] of inputs) {
    const own = rowsOf(name, tensor, lists?.get(name));
    values += own;
    refuseSize(name, own, values, limits);
    bytes += bytesOf(name, tensor, own, limits);
    if (bytes > limits.bytes)
      throw new TooLarge(
        'bytes',
        limits.bytes,
        `with input ${quoted(name)} the strings of the request have ${bytes} bytes, those that its shape repeats included: at most ${limits.bytes} are answered at once`,
      );
    if (rows === undefined) [rows, first] = [own, name];
    else if (own !== rows)
      throw new BadInput(
        'rows',
        '',
        `inputs must have as many rows as each other: ${quoted(first)} has ${rows}, ${quoted(name)} has ${own}`,
      );
  }
  if (rows === undefined) throw new BadInput('none', '', 'the request has no input');
  return rows;
}

/** Throws where nobody waits for the answer any more. */
export function refuseLate({ signal, deadlineMs }: Pick<InferenceRequest, 'signal' | 'deadlineMs'>): void {
  if (deadlineMs !== undefined && Date.now() >= deadlineMs) throw new DeadlineExceeded();
  if (signal.aborted) throw new Cancelled('the caller is gone, or its deadline has passed');
}

/** Throws {@link TooLarge} where an input's rows, or the values of the inputs up to it, are more than are answered at once. */
export function refuseSize(name: string, rows: number, values: number, limits: InferenceLimits): void {
  if (rows > limits.rows)
    throw new TooLarge(
      'rows',
      limits.rows,
      `input ${quoted(name)} has ${rows} rows: at most ${limits.rows} are answered at once`,
    );
  if (values > limits.values)
    throw new TooLarge(
      'values',
      limits.values,
      `with input ${quoted(name)} the request has ${values} values, rows × inputs: at most ${limits.values} are answered at once`,
    );
}

/** Throws {@link BadInput} for the first name that is none of the columns and no other input. */
export function refuseUnknown(names: Iterable<string>, columns: ReadonlySet<string>): void {
  for (const name of names)
    if (!columns.has(name) && name !== predictionIdName && name !== imageBytesName)
      throw new BadInput(
        'unknown',
        name,
        `is no input of the model, which takes ${[...columns].join(', ')}, ${predictionIdName} and ${imageBytesName}`,
      );
}

function bytesOf(name: string, tensor: InputTensor, rows: number, { valueBytes }: InferenceLimits): number {
  if (tensor.kind !== 'bytes' && tensor.kind !== 'mixed') return 0;
  const { values } = tensor;
  const longest = name === imageBytesName ? Infinity : valueBytes;
  let sum = 0;
  let last = 0;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    last = typeof value === 'object' || typeof value === 'string' ? (value?.length ?? 0) : 0;
    if (last > longest)
      throw new TooLarge(
        'bytes',
        valueBytes,
        `input ${quoted(name)}, row ${row} has ${last} bytes: a value has at most ${valueBytes}`,
      );
    sum += last;
  }
  return sum + Math.max(0, rows - values.length) * last;
}
