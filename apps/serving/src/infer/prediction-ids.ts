import { isEventName, uuidV7 } from '@adstocrat/event-bus';
import { BadInput } from './inference-failure.ts';
import { predictionIdName } from './names.ts';
import { namesOf } from './read-column.ts';
import type { InputTensor, InputTensors, MixedValue, RowSlice } from './tensor.ts';

/**
 * One id a row: the one that the request gives for it; where it gives none, `ID/ROW` of the request's own id, if it has one, else a new
 * UUIDv7. Made a slice of rows at a time, in order.
 */
export class PredictionIds {
  readonly #given: InputTensor | undefined;
  readonly #requestId: string | undefined;
  readonly #rowOf = new Map<string, number>();

  /** Throws {@link BadInput} where one value is the id of several rows, before it is made as often. */
  constructor(inputs: InputTensors, rows: number, requestId?: string) {
    this.#given = inputs.get(predictionIdName);
    this.#requestId = requestId;
    if (this.#given !== undefined) refuseShared(this.#given, rows);
  }

  /**
   * The ids of the next rows. Throws {@link BadInput} naming the row for an id that is not 1 to 256 bytes of printable UTF-8, or that
   * an earlier row has too: a click could not tell them apart.
   */
  next({ from, to }: RowSlice): readonly string[] {
    const given = this.#given === undefined ? undefined : this.#read(this.#given, { from, to });
    const ids = new Array<string>(to - from);
    for (let row = from; row < to; row += 1) {
      const own = given?.[row - from] ?? null;
      const id = own ?? (this.#requestId === undefined ? uuidV7() : `${this.#requestId}/${row}`);
      if (own !== null || this.#requestId !== undefined) this.#check(id, row);
      ids[row - from] = id;
    }
    return ids;
  }

  #read(given: InputTensor, rows: RowSlice): readonly (string | null)[] {
    refuseInexact(given, rows);
    return namesOf(predictionIdName, given, rows);
  }

  #check(id: string, row: number): void {
    if (!isEventName(id)) throw new BadInput('value', predictionIdName, `${shown(id)} ${rule}`, row);
    const other = this.#rowOf.get(id);
    if (other !== undefined)
      throw new BadInput('value', predictionIdName, `rows ${other} and ${row} have the same id ${shown(id)}`);
    this.#rowOf.set(id, row);
  }
}

const rule = 'is no id: 1 to 256 bytes of printable UTF-8 are allowed';

function refuseShared({ values }: InputTensor, rows: number): void {
  if (values.length === 0 || values.length >= rows) return;
  const last = values[values.length - 1] as MixedValue;
  const missing = last === null || Number.isNaN(last) || (typeof last === 'object' && last.length === 0) || last === '';
  if (!missing)
    throw new BadInput(
      'value',
      predictionIdName,
      `rows ${values.length - 1} and ${rows - 1} have the same id: each row needs one of its own`,
    );
}

/** Refuses what becomes another id when it becomes text: numbers that are not exact, and booleans. */
function refuseInexact(given: InputTensor, { from, to }: RowSlice): void {
  const { values } = given;
  for (let row = from; row < Math.min(to, values.length); row += 1) {
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
