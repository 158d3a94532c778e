import { bucketOf, type Column, type ColumnarBatch } from '@adstocrat/examples';
import type { PersonalColumns } from '@adstocrat/servables';
import type { PersonalKeys } from '@adstocrat/service-kit';
import { textAt } from '@adstocrat/transforms';

/**
 * The batch with the values of personal columns turned into what is kept of them, as ingestion does. Neither model nor prediction log
 * sees the values. Throws {@link MissingPersonalKey}.
 */
export function withoutPersonal(
  batch: ColumnarBatch,
  personal: PersonalColumns | undefined,
  keys: PersonalKeys,
): ColumnarBatch {
  if (personal === undefined) return batch;
  const { columns: rules, key: id } = personal;
  const columns = new Map<string, Column>(batch.columns);
  for (const [name, rule] of Object.entries(rules)) {
    const column = batch.columns.get(name);
    if (column === undefined) continue;
    if (rule === 'hash') {
      const key = keys.find(id ?? '') ?? missing(personal, keys);
      const values = Array.from({ length: batch.rows }, (_, row) => {
        const text = textAt(column, row);
        return text === null ? null : key.pseudonym(text);
      });
      columns.set(name, { type: 'string', values });
    } else if (column.type !== 'string')
      columns.set(name, { type: 'float', values: column.values.map((value) => bucketOf(value, rule.bucket)) });
  }
  return { rows: batch.rows, columns };
}

/** A model's personal columns were hashed with a key that this server does not have. */
export class MissingPersonalKey extends Error {
  override readonly name = 'MissingPersonalKey';
}

/** Throws {@link MissingPersonalKey} where a model needs a key that is not there. */
export function checkPersonalKey(personal: PersonalColumns | undefined, keys: PersonalKeys): void {
  if (personal === undefined || !Object.values(personal.columns).includes('hash')) return;
  if (keys.find(personal.key ?? '') === undefined) missing(personal, keys);
}

function missing({ columns, key }: PersonalColumns, keys: PersonalKeys): never {
  const hashed = Object.keys(columns).filter((name) => columns[name] === 'hash');
  throw new MissingPersonalKey(
    `the model knows ${hashed.join(', ')} by pseudonyms of the personal key ${key ?? '(none)'}, and this server has ${String(keys)}: add the key to PERSONAL_KEYS_FILE or PERSONAL_KEYS and start again`,
  );
}
