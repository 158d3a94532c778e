import { blobValue, type DuckDBConnection } from '@duckdb/node-api';
import type { PrepareOptions } from '@adstocrat/example-engine';
import { typedCell } from './cell-sql.ts';
import { canonicalSql } from './sql-text.ts';

/** SHA-256 reads blocks of so many bytes. */
const blockBytes = 64;

/** SQL of a cell as the value that is kept of it. Pseudonyms need {@link setPseudonymKey} before. */
export function valueSql({ name, type, personal, ...written }: PrepareOptions['columns'][number]): string {
  const value = typedCell(name, type, written);
  if (personal === undefined) return value;
  if (personal === 'hash') return pseudonymSql(canonicalSql(value, type));
  const { bucket } = personal;
  return `floor(${typedCell(name, 'float', written)} / ${bucket}::DOUBLE) * ${bucket}::DOUBLE`;
}

/** RFC 2104, which DuckDB has no function for: the hash of the outer pad and of the hash of the inner pad and the text. */
function pseudonymSql(text: string): string {
  const inner = `unhex(sha256(getvariable('pseudonym_inner') || encode(${text})))`;
  return `getvariable('pseudonym_prefix') || left(sha256(getvariable('pseudonym_outer') || ${inner}), 16)`;
}

/** Sets what pseudonyms are made with, as values of the session: a statement is shown where it fails. */
export async function setPseudonymKey(
  connection: DuckDBConnection,
  { id, secret }: NonNullable<PrepareOptions['personalKey']>,
): Promise<void> {
  const padded = (byte: number): Uint8Array =>
    Uint8Array.from({ length: blockBytes }, (_, at) => (secret[at] ?? 0) ^ byte);
  await connection.run(`SET VARIABLE pseudonym_inner = $1`, [blobValue(padded(0x36))]);
  await connection.run(`SET VARIABLE pseudonym_outer = $1`, [blobValue(padded(0x5c))]);
  await connection.run(`SET VARIABLE pseudonym_prefix = $1`, [`${id}-`]);
}
