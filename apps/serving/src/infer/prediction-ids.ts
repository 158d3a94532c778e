import { isEventName, uuidV7 } from '@adstocrat/event-bus';
import { BadInput } from './inference-failure.ts';
import { predictionIdName } from './names.ts';
import { namesOf } from './read-column.ts';
import type { InputTensor, InputTensors, MixedValue } from './tensor.ts';

/**
 * One id a row: the one that the request gives for it; where it gives none, `ID/ROW` of the request's own id, if it has one, else a new
 * UUIDv7. Throws {@link BadInput} naming the row for an id that is not 1 to 256 bytes of printable UTF-8, or that two rows share: a
 * click could not tell them apart.
 */
export function predictionIdsOf(inputs: InputTensors, rows: number, requestId?: string): readonly string[] {
  const fresh = requestId === undefined ? () => uuidV7() : (row: number) => `${requestId}/${row}`;
  const given = inputs.get(predictionIdName);
  if (given === undefined && requestId === undefined) return Array.from({ length: rows }, () => uuidV7());
  if (given !== undefined) {
    if (given.values.length > 0 && given.values.length < rows) refuseShared(given, rows);
    refuseUnreadable(given);
  }
  const texts = given === undefined ? new Array<null>(rows).fill(null) : namesOf(predictionIdName, given, rows);
  const rowOf = new Map<string, number>();
  return texts.map((text, row) => {
    const id = text ?? fresh(row);
    if (text === null && requestId === undefined) return id;
    if (!isEventName(id)) throw new BadInput('value', predictionIdName, `${shown(id)} ${rule}`, row);
    const other = rowOf.get(id);
    if (other !== undefined)
      throw new BadInput('value', predictionIdName, `rows ${other} and ${row} have the same id ${shown(id)}`);
    rowOf.set(id, row);
    return id;
  });
}

const rule = 'is no id: 1 to 256 bytes of printable UTF-8 are allowed';

/** One value for several rows is one id for them, told before it is made as often. */
function refuseShared({ values }: InputTensor, rows: number): void {
  const last = values[values.length - 1] as MixedValue;
  const missing = last === null || Number.isNaN(last) || (typeof last === 'object' && last.length === 0) || last === '';
  if (!missing)
    throw new BadInput(
      'value',
      predictionIdName,
      `rows ${values.length - 1} and ${rows - 1} have the same id: each row needs one of its own`,
    );
}

/** Refuses what becomes another id when it becomes text: numbers that are not exact, and booleans. Bytes are checked as they are read. */
function refuseUnreadable(given: InputTensor): void {
  const { values } = given;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (typeof value === 'boolean' || given.kind === 'bool')
      throw new BadInput('value', predictionIdName, `${String(value)} ${rule}`, row);
    if (typeof value === 'number' && !Number.isNaN(value) && !Number.isSafeInteger(value))
      throw new BadInput('value', predictionIdName, `${value} is no exact integer: send ids as strings`, row);
  }
}

function shown(id: string): string {
  return JSON.stringify(id.length > 40 ? `${id.slice(0, 40)}… (${id.length} characters)` : id);
}
