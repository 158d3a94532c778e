import type { Pool, PoolClient } from 'pg';
import { addCounts } from '../store/counts.ts';

/** What is summed up of a window: live figures once labels are final, values of features at once. */
export type SumsKind = 'labels' | 'features';

/** A stretch of server time, [startMs, endMs). */
export interface ServerWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** Sums that merge in any order, and their state as plain data. */
export interface Mergeable<S> {
  merge(state: S): void;
  state(): S;
}

/** Whose sums, and who adds to them: one process at a time for each lane. */
export interface SumsLane {
  readonly kind: SumsKind;
  readonly model: string;
  readonly lane: number;
  readonly windowMs: number;
}

/** The window, of a task's windows laid end to end, that a time lies in. */
export function windowOf(timeMs: number, windowMs: number): ServerWindow {
  const startMs = Math.floor(timeMs / windowMs) * windowMs;
  return { startMs, endMs: startMs + windowMs };
}

/**
 * Adds rows to the sums of their windows and versions. Rows of a window that was judged already are counted as `rows.late` and left
 * out.
 */
export async function addToSums<R extends { readonly timeMs: number; readonly version: number }, S>(
  client: PoolClient,
  { kind, model, lane, windowMs }: SumsLane,
  rows: readonly R[],
  sumsOf: (rows: readonly R[]) => Mergeable<S>,
): Promise<void> {
  if (rows.length === 0) return;
  const judgedMs = await judgedUntil(client, kind, model);
  const inTime = rows.filter(({ timeMs }) => windowOf(timeMs, windowMs).endMs > judgedMs);
  const byWindow = Map.groupBy(inTime, ({ timeMs, version }) => `${windowOf(timeMs, windowMs).startMs}/${version}`);
  for (const own of byWindow.values()) {
    const { timeMs, version } = own[0] as R;
    const { startMs, endMs } = windowOf(timeMs, windowMs);
    const sums = sumsOf(own);
    const key = [kind, model, startMs, version, lane];
    const { rows: known } = await client.query<{ state: string }>(
      'SELECT state FROM feedback.sums WHERE kind = $1 AND model = $2 AND start_ms = $3 AND version = $4 AND lane = $5',
      key,
    );
    for (const { state } of known) sums.merge(JSON.parse(state) as S);
    await client.query(
      `INSERT INTO feedback.sums (kind, model, start_ms, version, lane, end_ms, state) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (kind, model, start_ms, version, lane) DO UPDATE SET state = excluded.state, end_ms = excluded.end_ms`,
      [...key, endMs, JSON.stringify(sums.state())],
    );
  }
  await addCounts(client, lane, [{ model, name: `rows.late.${kind}`, count: rows.length - inTime.length }]);
}

/** Up to where a model's windows of a kind are judged; 0 where none is. */
export async function judgedUntil(client: Pool | PoolClient, kind: SumsKind, model: string): Promise<number> {
  const { rows } = await client.query<{ until_ms: number }>(
    'SELECT until_ms FROM feedback.judged WHERE kind = $1 AND model = $2',
    [kind, model],
  );
  return rows[0]?.until_ms ?? 0;
}

/**
 * Takes the sums of the window of a model that ended first, before `untilMs`, states by version, and counts it as judged in this
 * transaction. Undefined where there is none, or another process is at it. Where a task's window was changed, the older and longer one
 * begins first and ends last: it holds nothing up.
 */
export async function takeEndedWindow(
  client: PoolClient,
  kind: SumsKind,
  model: string,
  untilMs: number,
): Promise<(ServerWindow & { readonly states: ReadonlyMap<number, readonly string[]> }) | undefined> {
  await client.query('INSERT INTO feedback.judged (kind, model, until_ms) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING', [
    kind,
    model,
  ]);
  const { rows: mine } = await client.query<{ until_ms: number }>(
    'SELECT until_ms FROM feedback.judged WHERE kind = $1 AND model = $2 FOR UPDATE SKIP LOCKED',
    [kind, model],
  );
  if (mine[0] === undefined) return undefined;
  // Sums that were added while their window was being judged: late.
  await client.query('DELETE FROM feedback.sums WHERE kind = $1 AND model = $2 AND end_ms <= $3', [
    ...[kind, model, mine[0].until_ms],
  ]);
  const { rows } = await client.query<{ start_ms: number; end_ms: number; version: number; state: string }>(
    `DELETE FROM feedback.sums WHERE kind = $1 AND model = $2 AND (start_ms, end_ms) =
       (SELECT start_ms, end_ms FROM feedback.sums WHERE kind = $1 AND model = $2 AND end_ms < $3
        ORDER BY end_ms, start_ms DESC LIMIT 1)
     RETURNING start_ms, end_ms, version, state`,
    [kind, model, Math.floor(untilMs)],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  await client.query('UPDATE feedback.judged SET until_ms = $3 WHERE kind = $1 AND model = $2', [
    ...[kind, model, first.end_ms],
  ]);
  const states = new Map<number, string[]>();
  for (const { version, state } of rows) states.set(version, [...(states.get(version) ?? []), state]);
  return { startMs: first.start_ms, endMs: first.end_ms, states };
}
