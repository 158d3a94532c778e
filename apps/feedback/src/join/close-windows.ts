import type { Pool, PoolClient } from 'pg';
import { type EventBus, EventRefused } from '@adstocrat/event-bus';
import { finalAfterMs, type LabelRule, ScoreSums } from '@adstocrat/monitors';
import { inTransaction } from '@adstocrat/postgres-client';
import { addCounts } from '../store/counts.ts';
import { cursorOf, moveCursor } from '../store/cursors.ts';
import { addToSums } from '../monitor/window-sums.ts';
import { type FinalRow, finalRows, throughIndexes } from './label-sql.ts';
import { nextStretch } from './next-stretch.ts';
import { labelledEvent, labelledExamples } from './labelled-event.ts';

export interface ClosingLane {
  readonly pool: Pool;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly model: string;
  readonly lane: number;
  readonly rule: LabelRule;
  /** Server time: every event seen before it has been taken in. */
  readonly watermarkMs: number;
  /** Most rows at once, and bytes of their events: as {@link nextStretch} takes them. */
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** What one step did. */
export interface Closed {
  /** Rows looked at; 0 where another process has the lane, or nothing is final yet. */
  readonly rows: number;
  /** More rows are final already. */
  readonly more: boolean;
}

/** Longest wait for the bus, the lane in hand. */
const publishMs = 5000;

/**
 * Says the labels of a lane's next predictions whose windows are over. Rows are taken in the order in which they were seen, each once
 * everything seen until the end of its window and the grace has been taken in, so nothing can come to lie behind the cursor. One
 * transaction reads the rows, publishes their labels, counts them and moves the cursor: after a crash in between, the same labels are
 * published again under the same ids.
 */
export async function closeLane(options: ClosingLane): Promise<Closed> {
  const { pool, bus, model, lane, rule, watermarkMs, maxRows, maxBytes } = options;
  const none = { rows: 0, more: false };
  return inTransaction(pool, async (client) => {
    const cursor = await cursorOf(client, 'labels', model, lane);
    // Shown or not is known one window after the answer; a row that was shown is final one window later.
    const openedMs = Math.floor(watermarkMs - rule.windowMs - rule.graceMs);
    if (cursor === undefined || openedMs <= cursor + 1) return none;
    await client.query(throughIndexes);
    const stretch = { model, lane, afterMs: cursor, untilMs: openedMs, maxRows, maxBytes };
    const { untilMs, more } = await nextStretch(client, stretch);
    const { rows } = await client.query<FinalRow>(finalRows, [
      ...[model, rule.windowMs, rule.graceMs, rule.opens === 'impression', lane, cursor, untilMs],
    ]);
    const final = untilFirstOpen(rows, rule, watermarkMs);
    const refused = await publishLabels(bus, model, final, rule.windowMs);
    await count(client, options, final, refused);
    const firstOpen = rows[final.length];
    await moveCursor(client, 'labels', model, lane, (firstOpen?.seen_ms ?? untilMs) - 1);
    return { rows: final.length, more: more && firstOpen === undefined };
  });
}

/**
 * Rows up to the first that was shown so late that its window is still open: the others wait behind it, at most one window. Rows of
 * one millisecond stay together.
 */
function untilFirstOpen(rows: readonly FinalRow[], rule: LabelRule, watermarkMs: number): readonly FinalRow[] {
  const open = rows.findIndex(
    ({ opened_ms: openedMs }) => openedMs !== null && finalAfterMs(openedMs, rule) >= watermarkMs,
  );
  const stop = rows[open]?.seen_ms;
  return stop === undefined ? rows : rows.filter(({ seen_ms: seenMs }) => seenMs < stop);
}

const isLabelled = (row: FinalRow): row is FinalRow & { readonly opened_ms: number } =>
  row.opened_ms !== null && !row.repeated;

/** Returns how many labels the bus refused for good: what was checked when it came in should never be. */
async function publishLabels(
  bus: Pick<EventBus, 'publish'>,
  model: string,
  rows: readonly FinalRow[],
  windowMs: number,
): Promise<number> {
  let refused = 0;
  let events = rows.filter(isLabelled).map((row) =>
    labelledEvent(model, row.prediction_id, {
      bytes: row.event,
      label: (row.inside ?? 0) > 0,
      labelledAtMs: row.opened_ms + windowMs,
      openedAtMs: row.opened_ms,
    }),
  );
  while (events.length > 0) {
    try {
      await bus.publish(labelledExamples, events, { timeoutMs: publishMs });
      break;
    } catch (error) {
      if (!(error instanceof EventRefused)) throw error;
      events = events.filter((_, index) => index !== error.index);
      refused += 1;
    }
  }
  return refused;
}

async function count(
  client: PoolClient,
  { model, lane, rule }: ClosingLane,
  rows: readonly FinalRow[],
  refused: number,
): Promise<void> {
  const own = rows.filter(({ repeated }) => !repeated);
  const labelled = own.filter(isLabelled);
  const sum = (of: (row: FinalRow) => number | null): number => own.reduce((total, row) => total + (of(row) ?? 0), 0);
  const clicks = labelled.filter(({ inside }) => (inside ?? 0) > 0).length;
  const scored = labelled.map(({ opened_ms: timeMs, version, score, inside }) => ({
    timeMs,
    version,
    score,
    clicked: (inside ?? 0) > 0,
  }));
  await addToSums(client, { kind: 'labels', model, lane, windowMs: rule.windowMs }, scored, (some) => {
    const sums = new ScoreSums();
    for (const { score, clicked } of some) sums.add(score, clicked);
    return sums;
  });
  const counted = {
    labelled: labelled.length - refused,
    refused,
    clicks,
    unshown: own.length - labelled.length,
    repeated: rows.length - own.length,
    'click.duplicate': sum(({ inside }) => inside) - clicks,
    'click.early': sum(({ early }) => early),
    'click.impossible': sum(({ before }) => before),
    'click.late': sum(({ after }) => after),
  };
  await addCounts(
    client,
    lane,
    Object.entries(counted).map(([name, number]) => ({ model, name, count: number })),
  );
}
