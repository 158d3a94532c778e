import type { PoolClient } from 'pg';

/** A stretch of the order in which a lane's predictions were seen, and how much of it is taken at once. */
export interface Stretch {
  readonly model: string;
  readonly lane: number;
  /** Server time, exclusive both. */
  readonly afterMs: number;
  readonly untilMs: number;
  /** Most rows, and bytes of their events; rows of one millisecond stay together, and one millisecond is always taken. */
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** Where the part of a stretch ends, exclusive, that fits into memory, and whether there is more of it. Reads no event. */
export async function nextStretch(
  client: PoolClient,
  { model, lane, afterMs, untilMs, maxRows, maxBytes }: Stretch,
): Promise<{ readonly untilMs: number; readonly more: boolean }> {
  const { rows } = await client.query<{ last_ms: number | null; more: boolean }>(fitting, [
    ...[model, lane, afterMs, untilMs, maxRows, maxBytes],
  ]);
  const { last_ms: lastMs = null, more = false } = rows[0] ?? {};
  return more && lastMs !== null ? { untilMs: lastMs + 1, more } : { untilMs, more: false };
}

const fitting = `
WITH next AS (
  SELECT seen_ms, octet_length(event) AS bytes FROM feedback.predictions
  WHERE model = $1 AND lane = $2::smallint AND seen_ms > $3::bigint AND seen_ms < $4::bigint
  ORDER BY seen_ms FETCH FIRST ($5::int) ROWS WITH TIES
), moments AS (
  SELECT seen_ms, count(*) AS rows, sum(bytes) AS bytes, sum(sum(bytes)) OVER (ORDER BY seen_ms) AS through FROM next GROUP BY seen_ms
), fit AS (SELECT seen_ms, rows, through <= $6::bigint OR through = bytes AS fits FROM moments)
SELECT max(seen_ms) FILTER (WHERE fits) AS last_ms, NOT bool_and(fits) OR sum(rows) >= $5 AS more FROM fit`;
