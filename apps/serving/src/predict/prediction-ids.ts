import { isUtf8 } from 'node:buffer';
import { isEventName, uuidV7 } from '@adstocrat/event-bus';
import { InvalidRequest } from '@adstocrat/service-kit';
import { type RawInput, textsOf } from './raw-input.ts';
import { predictionIdName } from './wire-names.ts';

/**
 * One id a row: the request's, or a new UUIDv7 where it gives none. Throws {@link InvalidRequest} naming the row for an id that is
 * not 1 to 256 bytes of printable UTF-8, or that two rows share: a click could not tell them apart.
 */
export function predictionIdsOf(inputs: ReadonlyMap<string, RawInput>, rows: number): readonly string[] {
  const given = inputs.get(predictionIdName);
  if (given === undefined) return Array.from({ length: rows }, () => uuidV7());
  refuseUnreadable(given);
  const rowOf = new Map<string, number>();
  return textsOf(given).map((id, row) => {
    if (id === null) return uuidV7();
    if (!isEventName(id)) throw new InvalidRequest(`${predictionIdName}, row ${row}: ${shown(id)} ${rule}`);
    const other = rowOf.get(id);
    if (other !== undefined)
      throw new InvalidRequest(`${predictionIdName}: rows ${other} and ${row} have the same id ${shown(id)}`);
    rowOf.set(id, row);
    return id;
  });
}

/** Longer ones are refused whatever they are. */
const maxBytes = 256;
const rule = 'is no id: 1 to 256 bytes of printable UTF-8 are allowed';

/** Refuses what becomes another id when it becomes text: bytes that are no UTF-8, and numbers that are not exact. */
function refuseUnreadable(given: RawInput): void {
  if (given.kind === 'bytes') {
    const row = given.values.findIndex((value) => value.length <= maxBytes && !isUtf8(value));
    if (row >= 0) throw new InvalidRequest(`${predictionIdName}, row ${row}: these bytes are no UTF-8 and ${rule}`);
  }
  if (given.kind === 'number') {
    const row = given.values.findIndex((value) => !Number.isNaN(value) && !Number.isSafeInteger(value));
    if (row >= 0)
      throw new InvalidRequest(
        `${predictionIdName}, row ${row}: ${given.values[row]} is no exact integer: send ids as strings`,
      );
  }
}

function shown(id: string): string {
  return JSON.stringify(id.length > 40 ? `${id.slice(0, 40)}… (${id.length} characters)` : id);
}
